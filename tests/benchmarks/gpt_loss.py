"""GPT's validation loss with nanoGPT's recipe for a CPU, on the text given.

    python -m tests.benchmarks.gpt_loss shakespeare.txt [--seed 1337] [--set learning_rate=0.001 ...]

0.80 M weights, 2000 iterations, batch 12, context 64; nanoGPT's README reports 1.88. The loss is in nats per character over the
whole validation part (the last 10 %), in windows that do not overlap.
"""

import argparse
import time
from pathlib import Path

import torch

from studio.api.params import settle
from studio.engine.datasets.reference import open_dataset
from studio.engine.plugins.discover import discover
from studio.engine.plugins.load import load
from studio.kit.source import Source
from studio.kit.training import Fit, Settings


class Printer:
    """A recorder that prints validation losses."""

    def report(self, event) -> None:
        if event.kind == "step" and "validation_loss" in event.values:
            print(f"step {event.step:5d}  validation {event.values['validation_loss']:.4f} (512 windows)", flush=True)

    def save(self, step, tensors, facts) -> None:
        """Nothing is kept."""

    def preview(self, step, samples, insights) -> None:
        """Nothing is shown."""


def main() -> None:
    """Train and print the loss."""
    parser = argparse.ArgumentParser()
    parser.add_argument("text", type=Path)
    parser.add_argument("--seed", type=int, default=1337)
    parser.add_argument("--set", nargs="*", default=[])
    options = parser.parse_args()
    torch.set_num_threads(1)
    registry = discover()
    card = registry.method("gpt")
    dataset = open_dataset(str(options.text), registry.datasets)
    chosen = {**card.presets["nanoGPT CPU"], **dict(setting.split("=") for setting in options.set)}
    steps, batch = int(chosen.pop("steps")), int(chosen.pop("batch_size"))
    torch.manual_seed(options.seed)
    gpt = load(card.implementation)(dataset.signature, card.params.model_validate(settle(card.parameters, chosen)), {})
    settings = Settings(steps=steps, batch_size=batch, seed=options.seed, preview_every=1e9, checkpoint_every=1e9, previews=1)
    begun = time.process_time()
    Fit(gpt, Source(dataset, batch, options.seed, settings.device), settings, Printer()).run()
    seconds = time.process_time() - begun
    validate = load("studio_transformer.gpt:validation_loss")
    with torch.no_grad():
        loss = validate(gpt.eval().network, torch.from_numpy(dataset.validation), chosen["context"], 10**9)
    weights = sum(weight.numel() for weight in gpt.parameters())
    print(f"seed {options.seed}  {weights:,} weights  {steps} iterations  {seconds:.0f} CPU s  validation loss {loss:.4f}")


if __name__ == "__main__":
    main()
