"""The validation loss of a text method on nanoGPT's budget for a CPU, on the text given.

    python -m tests.benchmarks.gpt_loss shakespeare.txt [--method palm] [--seed 1337] [--set learning_rate=0.001 ...]

2000 iterations, batch 12, context 64; else the method's parameters are its own. nanoGPT's README reports 1.88 for 0.80 M weights.
The loss is in nats per symbol over the whole validation part (the last 10 %), in windows that do not overlap. A text in byte
pairs ("shakespeare.txt@bpe512") has other symbols: compare the bits per byte.
"""

import argparse

from tests.benchmarks.zoo.text import whole_validation
from tests.benchmarks.zoo.trained import train


def main() -> None:
    """Train and print the loss."""
    parser = argparse.ArgumentParser()
    parser.add_argument("text")
    parser.add_argument("--method", default="gpt")
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--set", nargs="*", default=[])
    options = parser.parse_args()
    chosen = {"context": 64, "steps": 2000, "batch_size": 12} | dict(setting.split("=") for setting in options.set)
    steps, batch = int(chosen.pop("steps")), int(chosen.pop("batch_size"))
    trained = train(options.method, options.text, steps=steps, batch_size=batch, seed=options.seed, **chosen)
    weights = sum(weight.numel() for weight in trained.generator.parameters())
    print(
        f"{options.method}, seed {options.seed}: {weights:,} weights, {steps} iterations, {trained.cpu_seconds:.0f} CPU s, "
        f"validation loss {whole_validation(trained):.4f}, {trained.values['bits_per_byte']:.4f} bits per byte (512 windows)"
    )


if __name__ == "__main__":
    main()
