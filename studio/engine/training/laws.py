"""The laws that every method obeys, whoever wrote it: `studio check` and the test suite run these."""

import math
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import studio
from studio.api.card import GeneratorCard, SpaceKind
from studio.api.dataset import Dataset
from studio.api.errors import Stopped, StudioError
from studio.api.events import Event
from studio.api.frozen import Frozen
from studio.api.model import ModelCard
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.engine.training.making import make
from studio.engine.training.stand_ins import stand_ins
from studio.engine.training.toys import TOYS
from studio.kit.generator import Generator, Score
from studio.kit.insight import Insight, grid
from studio.kit.preview import PLANE, observe
from studio.kit.sampler import Sampler, default_inputs, sample
from studio.kit.source import Source
from studio.kit.training import Fit, Settings

STEPS = 20
TOLERANCE = 1e-4
DENSITY_TOLERANCE = 0.02
DENSITY_SIDE = 128


class Verdict(Frozen):
    """Whether a law holds for a method on a space, and what was seen."""

    method: str
    space: str
    law: str
    holds: bool
    detail: str = ""


class Broken(Exception):
    """A law does not hold; the text says what was seen."""


@dataclass
class Traces:
    """A recorder in memory; stops the run after the step `stop_after`."""

    stop_after: int | None = None
    events: list[Event] = field(default_factory=list)
    saved: dict[int, tuple[dict[str, Tensor], Any]] = field(default_factory=dict)

    def report(self, event: Event) -> None:
        self.events.append(event)
        if self.stop_after is not None and event.kind == "step" and event.step >= self.stop_after:
            raise Stopped

    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Any) -> None:
        self.saved[step] = (dict(tensors), facts)

    def preview(self, step: int, samples: NDArray[Any], insights: Mapping[str, Insight]) -> None:
        if not np.isfinite(samples).all():
            raise Broken(f"the preview at step {step} is not finite")


@dataclass(frozen=True)
class Case:
    """A method on a toy data set."""

    card: GeneratorCard
    dataset: Dataset
    inputs: Mapping[str, GeneratorCard] = field(default_factory=dict[str, GeneratorCard])

    def build(self) -> Generator:
        """A fresh generator, and fresh ones for its inputs; equal at every call."""
        signature = self.dataset.signature
        torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]
        inputs = {slot: make(card, signature, {}) for slot, card in self.inputs.items()}
        torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]
        return make(self.card, signature, {}, inputs)

    def fit(self, generator: Generator, traces: Traces, resume_from: int | None = None) -> None:
        """Train for `STEPS` steps in all, from the beginning or from what `traces` saved."""
        settings = Settings(steps=STEPS, batch_size=8, preview_every=1e9, checkpoint_every=1e9, previews=2, insights=False)
        torch.manual_seed(1)  # pyright: ignore[reportUnknownMemberType]
        fit = Fit(generator, Source(self.dataset, 8, 0, settings.device), settings, traces)
        if resume_from is not None:
            fit.restore(*traces.saved[resume_from])
        fit.run()


Use = Callable[[Model, Dataset], str]


def check(
    card: GeneratorCard, spaces: tuple[SpaceKind, ...] = (), uses: Mapping[str, Use] = MappingProxyType({})
) -> Iterator[Verdict]:
    """Every law, on each space (all that the card accepts and that have a toy, where none is given).

    Args:
        uses: what the exported model must be good for besides, by what is then said of it.
    """
    yield _judge(card, "", "the card imports neither torch nor Qt", lambda: imports_nothing_heavy(card))
    for space in spaces or card.accepts:
        if space in TOYS:
            yield from _check_space(card, TOYS[space](), uses)


def _check_space(card: GeneratorCard, dataset: Dataset, uses: Mapping[str, Use]) -> Iterator[Verdict]:
    cases: list[Case] = []
    if any(not slot.optional for slot in card.inputs):
        yield _judge(card, dataset.signature.space.kind, "there is a model for each input", lambda: finds(card, dataset, cases))
    else:
        cases.append(Case(card, dataset))
    for case in cases:
        yield from _check_case(case, uses)


def _check_case(case: Case, uses: Mapping[str, Use]) -> Iterator[Verdict]:
    trained: list[Generator] = []
    models: list[Model] = []
    with tempfile.TemporaryDirectory() as folder:
        laws: dict[str, Callable[[], str]] = {
            f"{STEPS} steps with finite loss": lambda: trains(case, trained),
            "resume equals the uninterrupted run bit for bit": lambda: resumes(case),
            "a cancelled run leaves a checkpoint of its last step": lambda: cancels(case),
            "sampling is deterministic given the noise": lambda: is_deterministic(trained[0]),
            "controls outside their limits are refused by name": lambda: refuses(trained[0]),
            "an exact density integrates to one": lambda: integrates(trained[0]),
            "every graph agrees with torch at two other batch sizes": lambda: exports(case, trained[0], Path(folder), models),
            "the step loop, the whole graph and torch make the same samples": lambda: agrees(trained[0], models[0]),
        }
        if case.dataset.signature.space == PLANE:
            laws["insights are finite and of their declared shapes"] = lambda: shows(trained[0])
        if case.inputs:
            laws["its inputs are left as they were"] = lambda: spares(case, trained[0])
        for use, good in uses.items():
            laws[use] = lambda good=good: good(models[0], case.dataset)
        for law, holds in laws.items():
            yield _judge(case.card, case.dataset.signature.space.kind, law, holds)
        for model in models:
            model.close()


def _judge(card: GeneratorCard, space: str, law: str, holds: Callable[[], str]) -> Verdict:
    try:
        return Verdict(method=card.id, space=space, law=law, holds=True, detail=holds())
    except Exception as error:  # noqa: BLE001 - whatever a method raises breaks the law
        return Verdict(method=card.id, space=space, law=law, holds=False, detail=f"{type(error).__name__}: {error}")


def imports_nothing_heavy(card: GeneratorCard) -> str:
    """Import the module of the card in a process of its own."""
    package = card.implementation.split(":")[0].split(".")[0]
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; import {package}; print([m for m in ('torch', 'PySide6') if m in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    if seen != "[]":
        raise Broken(f"importing {package} imports {seen}")
    return package


def finds(card: GeneratorCard, dataset: Dataset, cases: list[Case]) -> str:
    """Installed methods can fill every slot that must be filled."""
    cases.append(Case(card, dataset, stand_ins(card, dataset.signature)))
    return ", ".join(f"{slot}: {other.id}" for slot, other in cases[0].inputs.items())


def spares(case: Case, trained: Generator) -> str:
    """Training changes nothing in the models that the method was given."""
    for slot, model in case.build().inputs.items():
        after = trained.inputs[slot].state_dict()
        if changed := [name for name, tensor in model.state_dict().items() if not torch.equal(tensor, after[name])]:
            raise Broken(f"{len(changed)} tensors of '{slot}' changed, the first is {changed[0]}")
    return ", ".join(case.inputs)


def trains(case: Case, trained: list[Generator]) -> str:
    """Finite values at every step."""
    generator, traces = case.build(), Traces()
    case.fit(generator, traces)
    values = [value for event in traces.events if event.kind == "step" for value in event.values.values()]
    if not values or None in values:
        raise Broken("a value was not finite" if values else "no step told any value")
    generator.eval()
    trained.append(generator)
    return f"{len(values)} values"


def resumes(case: Case) -> str:
    """A run stopped half-way and resumed in a fresh generator ends with the same weights."""
    whole = case.build()
    case.fit(whole, Traces())
    traces = _stopped(case)
    traces.stop_after = None
    resumed = case.build()
    with torch.no_grad():
        for weight in resumed.parameters():
            weight.add_(1.0)
    case.fit(resumed, traces, resume_from=max(traces.saved))
    different = [name for name, tensor in whole.state_dict().items() if not torch.equal(tensor, resumed.state_dict()[name])]
    if different:
        raise Broken(f"{len(different)} tensors differ, the first is {different[0]}")
    return f"from step {STEPS // 2}"


def cancels(case: Case) -> str:
    """The checkpoint after a stop holds the step at which it came."""
    saved = max(_stopped(case).saved)
    if saved != STEPS // 2:
        raise Broken(f"stopped at step {STEPS // 2}, saved at {saved}")
    return f"step {saved}"


def _stopped(case: Case) -> Traces:
    traces = Traces(stop_after=STEPS // 2)
    try:
        case.fit(case.build(), traces)
    except Stopped:
        return traces
    raise Broken("report() raised Stopped, yet training went on")


def inputs_for(sampler: Sampler, generator: Generator, n: int) -> dict[str, Tensor]:
    """Inputs of a sampler for a check."""
    grid = torch.linspace(-0.5, 0.5, 4 * math.prod(generator.space.shape))
    example = grid.reshape(4, *generator.space.shape) if generator.space.kind != "tokens" else None
    return default_inputs(sampler.inputs, n, generator.classes, example)


def is_deterministic(generator: Generator) -> str:
    """The same noise gives the same samples, in a batch of any size."""
    for name, sampler in generator.samplers().items():
        runs = [sample(sampler, n, 3, inputs_for(sampler, generator, n), dict(sampler.quick)) for n in (3, 3, 2)]
        if not torch.equal(runs[0], runs[1]):
            raise Broken(f"'{name}' gives other samples from the same noise")
        if not torch.allclose(runs[0][:2], runs[2], atol=TOLERANCE):
            raise Broken(f"a sample of '{name}' depends on the size of its batch")
    return ", ".join(generator.samplers())


def shows(generator: Generator) -> str:
    """What the method shows of itself in the plane, and what the host shows of it, can be drawn."""
    with torch.no_grad():
        insights, flaws = observe(generator, torch.device("cpu"))
    if flaws:
        raise Broken("; ".join(f"{name}: {why}" for name, why in flaws.items()))
    return ", ".join(insights) or "nothing"


def integrates(generator: Generator) -> str:
    """Exact log-densities of points of the plane add up to one, within 2 %, on a grid over twice the samples' extent."""
    if generator.space != PLANE:
        return "only on the plane"
    integrals = {name: _integral(generator, score) for name, score in generator.scores().items() if score.exact}
    wrong = {name: f"{value:.3f}" for name, value in integrals.items() if not abs(value - 1) <= DENSITY_TOLERANCE}
    if wrong:
        raise Broken(f"the integral over the plane is {wrong}")
    return ", ".join(f"{name}: {value:.4f}" for name, value in integrals.items()) or "no exact density"


def _integral(generator: Generator, score: Score) -> float:
    """Of the density that `score` gives, by the midpoint rule."""
    sampler = generator.samplers()["sample"]
    samples = sample(sampler, 256, 5, inputs_for(sampler, generator, 256), dict(sampler.quick))
    reach = 2 * (samples - samples.mean(0)).abs().max()
    places = grid(DENSITY_SIDE, float(reach)) + samples.mean(0)
    given = default_inputs(score.inputs, len(places), generator.classes, places)
    with torch.no_grad():
        log_density = score.score(given.pop("sample"), torch.empty(len(places), 0), given)
    return float(log_density.exp().sum() * (2 * reach / (DENSITY_SIDE - 1)) ** 2)


def refuses(generator: Generator) -> str:
    """A value beyond a limit raises an error that names the limits."""
    count = 0
    for sampler in generator.samplers().values():
        for control in sampler.card("").controls:
            if control.maximum is None:
                continue
            try:
                sample(sampler, 1, 0, inputs_for(sampler, generator, 1), {control.name: control.maximum + 1})
            except StudioError as error:
                if control.limits not in str(error):
                    raise Broken(f"the refusal of '{control.name}' does not name its limits") from None
                count += 1
            else:
                raise Broken(f"'{control.name}' may be {control.maximum + 1}, although at most {control.maximum} is declared")
    return f"{count} limits"


def exports(case: Case, generator: Generator, folder: Path, models: list[Model]) -> str:
    """The export measures every graph against torch."""
    facts = ModelCard(
        id="law", title="law", method=case.card.id, family=case.card.family, plugin="", signature=generator.signature,
        params={}, dataset="toy", run="", step=STEPS, parameters=1, created="", studio=studio.__version__, samplers=(),
    )  # fmt: skip
    card = export(generator, facts, folder / "model")
    wrong = {name: value for name, value in card.parity.items() if not value <= TOLERANCE}
    if wrong or not card.parity:
        raise Broken(f"differences from torch: {wrong or 'not measured'}")
    models.append(Model.open(folder / "model", "cpu"))
    return f"{len(card.parity)} graphs, at most {max(card.parity.values()):.1e}"


def agrees(generator: Generator, model: Model) -> str:
    """For every sampler, at two batch sizes."""
    largest = 0.0
    for name, sampler in generator.samplers().items():
        for n in (1, 5):
            inputs = inputs_for(sampler, generator, n)
            arrays = {key: tensor.numpy() for key, tensor in inputs.items()}
            controls = dict(sampler.quick)
            expected = sample(sampler, n, 7, inputs, controls).numpy()
            looped = model.sample(name, n, seed=7, inputs=arrays, controls=controls)
            whole = model.run_whole(name, n, seed=7, inputs=arrays, controls=controls)
            largest = max(largest, float(np.abs(looped - expected).max()), float(np.abs(whole - expected).max()))
    if not largest <= TOLERANCE:
        raise Broken(f"samples differ by {largest:.1e}")
    return f"at most {largest:.1e}"
