"""Tokens a second of one GPT with a cache of keys and values: torch eager, transformers, and the exported graphs, in turn.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE python -m tests.benchmarks.generation [--width 384 --layers 6 --heads 6]

The weights are random and the same for all but transformers' GPT-2, which has the same sizes. "torch eager" is a bare loop of
the decoder's step and a draw, without the sampler's top-k and top-p, which the graphs do include. Prints medians of tokens a
second of process time and of wall time, and the ratios to torch eager. The sizes above are those of 11 M weights.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from studio_transformer.cards.gpt import GPTParams
from studio_transformer.gpt import GPT
from transformers import GPT2Config, GPT2LMHeadModel

from studio.api import Dataset, ModelCard, Signature, Tokens
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.engine.models.quantizing import quantize
from studio.kit.decoder import Decoder
from studio.kit.sampler import sample as torch_sample
from tests.benchmarks.sampling import timed

CONTEXT, SYMBOLS = 256, 65


@torch.inference_mode()
def write(decoder: Decoder, length: int) -> None:
    """The shortest cached loop in torch: a step, Gumbel noise, the largest."""
    logits, cache = decoder.prefill(torch.zeros(1, 1, dtype=torch.int64))
    logits = logits[:, -1]
    for place in range(1, length + 1):
        token = (logits / 0.8 - torch.empty_like(logits).exponential_().log()).argmax(1)
        logits, cache = decoder.step(token, torch.tensor(place), cache)


@torch.inference_mode()
def write_with_transformers(model: GPT2LMHeadModel, length: int) -> None:
    """The same with transformers' own model and growing cache."""
    known = cast(Any, model)(input_ids=torch.zeros(1, 1, dtype=torch.int64), use_cache=True)
    for _ in range(length):
        logits = known.logits[:, -1]
        token = (logits / 0.8 - torch.empty_like(logits).exponential_().log()).argmax(1)
        known = cast(Any, model)(input_ids=token[:, None], past_key_values=known.past_key_values, use_cache=True)


def main() -> None:
    """Export, quantise, then time all in turn."""
    parser = argparse.ArgumentParser()
    for name, default in (("width", 128), ("layers", 4), ("heads", 4), ("tokens", 190), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    signature = Signature(space=Tokens(vocabulary=tuple(map(chr, range(33, 33 + SYMBOLS))), length=CONTEXT))
    sizes = GPTParams(context=CONTEXT, width=asked.width, layers=asked.layers, heads=asked.heads)
    gpt = GPT(signature, sizes).eval()
    config = GPT2Config(
        vocab_size=SYMBOLS, n_positions=CONTEXT, n_embd=asked.width, n_layer=asked.layers, n_head=asked.heads,
        bos_token_id=0, eos_token_id=0,
    )  # fmt: skip
    peer = GPT2LMHeadModel(config).eval()
    about = ModelCard(
        id="benchmark", title="Benchmark", method="gpt", family="transformer", plugin="", signature=signature, params={},
        dataset="", run="", step=0, parameters=0, created="", studio="", samplers=(),
    )  # fmt: skip
    stream = np.random.default_rng(0).integers(SYMBOLS, size=4096)
    with tempfile.TemporaryDirectory() as place:
        export(gpt, about, Path(place) / "model")
        quantize(Path(place) / "model", Path(place) / "small", Dataset(signature, stream, stream))
        model, small = (Model.open(Path(place) / name, "cpu", 1) for name in ("model", "small"))
        controls = {"length": asked.tokens}
        variants: dict[str, Callable[[], Any]] = {
            "torch eager": lambda: write(gpt.network, asked.tokens),
            "transformers GPT-2": lambda: write_with_transformers(peer, asked.tokens),
            "torch, whole sampler": lambda: torch_sample(
                gpt.samplers()["sample"], 1, 0, {"prompt": torch.zeros(1, 1, dtype=torch.int64)}, controls
            ),
            "onnx step loop": lambda: model.sample(controls=controls),
            "onnx whole graph": lambda: model.run_whole(controls=controls),
            "onnx step loop, int8": lambda: small.sample(controls=controls),
            "onnx whole graph, int8": lambda: small.run_whole(controls=controls),
        }
        for call in variants.values():
            call()
        taken = {name: list[tuple[float, float]]() for name in variants}
        for _ in range(asked.rounds):
            for name, call in variants.items():
                taken[name].append(timed(call))
    report(sum(weight.numel() for weight in gpt.parameters()), asked.tokens, taken)


def report(weights: int, tokens: int, taken: Mapping[str, list[tuple[float, float]]]) -> None:
    """Median rates, and their ratios to the first."""
    rates = {
        name: [1000 * tokens / statistics.median(column) for column in zip(*times, strict=True)] for name, times in taken.items()
    }
    first = rates["torch eager"]
    print(f"{weights:,} weights, {tokens} tokens")
    for name, (cpu, wall) in rates.items():
        ratios = f"{cpu / first[0]:5.2f} (cpu) {wall / first[1]:5.2f} (wall)"
        print(f"{name:24} {cpu:7.0f} a CPU second, {wall:7.0f} a second, ratio {ratios}")


if __name__ == "__main__":
    main()
