"""State-space models: held-out text on gpt's budget, selective copying, and the speed of an exported step."""

import math
import statistics
import tempfile
from functools import partial
from pathlib import Path
from typing import cast

import torch
from studio_mamba.decoder import Mixer, StateSpaceDecoder
from studio_mamba.mamba import SelectiveMixer
from studio_mamba.mamba2 import DualMixer

from studio.api import ModelCard, Signature, Tokens
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.engine.plugins.discover import discover
from studio.engine.training.making import make
from studio.kit.autoregressive import Autoregressive
from studio.kit.next_token import mean_loss, stretches
from tests.benchmarks.generation import write
from tests.benchmarks.sampling import timed
from tests.benchmarks.zoo import copying
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.text import BUDGET, METRIC, SHAKESPEARE, whole_validation
from tests.benchmarks.zoo.trained import train

LAYERS = 8
LONG, LONG_WINDOWS = 512, 200
TOKENS, ROUNDS = 190, 7


def loss(method: str) -> Result:
    """On nanoGPT's budget for a CPU; and in windows eight times as long as those it was trained on."""
    trained = train(method, str(SHAKESPEARE), steps=2000, batch_size=12, seed=1337, context=64, layers=LAYERS)
    network = cast(Autoregressive, trained.generator).network
    found = whole_validation(trained)
    with torch.no_grad():
        long = mean_loss(network, stretches(torch.from_numpy(trained.dataset.validation), LONG, LONG_WINDOWS))
    weights = sum(weight.numel() for weight in network.parameters())
    notes = f"{weights:,} weights, {found / math.log(2):.3f} bits per character; in windows of {LONG} {long:.3f} nats"
    return Result(ours=found, cpu_seconds=trained.cpu_seconds, notes=notes)


def speed(method: str) -> Result:
    """A text by the exported step loop beside a bare loop of the same step in torch, in turn, one thread, random weights."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    signature = Signature(space=Tokens(vocabulary=tuple(map(chr, range(33, 98))), length=256))
    model = cast(Autoregressive, make(discover().method(method), signature, {"layers": LAYERS, "longest": 256}).eval())
    about = ModelCard(
        id="benchmark", title="Benchmark", method=method, family="mamba", plugin="", signature=signature, params={},
        dataset="", run="", step=0, parameters=0, created="", studio="", samplers=(),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        export(model, about, Path(place) / "model")
        opened = Model.open(Path(place) / "model", "cpu", 1)
        controls = {"length": TOKENS}
        variants = {
            "torch eager": lambda: write(model.network, TOKENS),
            "step loop": lambda: opened.sample(controls=controls),
            "whole graph": lambda: opened.run_whole(controls=controls),
        }
        for call in variants.values():
            call()
        taken = {name: list[float]() for name in variants}
        for _ in range(ROUNDS):
            for name, call in variants.items():
                taken[name].append(timed(call)[0])
    rates = {name: 1000 * TOKENS / statistics.median(times) for name, times in taken.items()}
    notes = ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items()) + " tokens a CPU second"
    return Result(ours=rates["step loop"] / rates["torch eager"], notes=notes)


def copies(mixer: type[Mixer], steps: int, **shape: int) -> Result:
    """The share of symbols that two layers repeat right, after a curriculum."""

    def build() -> StateSpaceDecoder:
        room = copying.LENGTH + copying.COPIED
        return StateSpaceDecoder(copying.VOCABULARY, room, 64, 2, lambda: mixer(width=64, inner=128, kernel=4, **shape))

    decoder, seconds, reached = copying.learn(build, steps=steps, batch=16, rate=8e-3)
    weights = sum(weight.numel() for weight in decoder.parameters())
    lessons = ", ".join(f"{lesson.copied} of {lesson.length}" for lesson in reached)
    return Result(
        ours=copying.accuracy(decoder), cpu_seconds=seconds,
        notes=f"{weights:,} weights; a curriculum, after each tenth of the steps: {lessons}",
    )  # fmt: skip


LINES = tuple(
    Line(
        name=f"{method} shakespeare loss", method=method, dataset="tiny-shakespeare", budget=BUDGET, metric=METRIC,
        better="lower", target=1.60, reference="nanoGPT's README", published=1.88, measure=partial(loss, method),
    )
    for method in ("mamba", "mamba2")
) + tuple(
    Line(
        name=f"{method} step speed", method=method, dataset="random weights", budget=f"{TOKENS} tokens, {ROUNDS} times in turn",
        metric="onnxruntime's tokens a second over torch eager's", better="higher", target=3.5, measure=partial(speed, method),
    )
    for method in ("mamba", "mamba2")
) + tuple(
    Line(
        name=f"{method} selective copying", method=method, dataset="16 of 8 symbols among 256 places",
        budget=f"{steps} steps of 16, longer and longer", metric="% of symbols right", better="higher", target=99,
        reference="Mamba's table 1, length 4096", published=99.8, measure=measure,
    )
    for method, steps, measure in (
        ("mamba", 4000, partial(copies, SelectiveMixer, 4000, state=16)),
        ("mamba2", 6000, partial(copies, DualMixer, 6000, state=64, head_width=16)),
    )
)  # fmt: skip
