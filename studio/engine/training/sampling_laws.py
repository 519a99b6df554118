"""Laws of sampling: the same noise gives the same samples, in torch and in the exported graphs alike."""

import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

import studio
from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.engine.training.case import STEPS, Broken, Case
from studio.kit.generator import Generator, Score
from studio.kit.insight import grid
from studio.kit.preview import PLANE, observe
from studio.kit.sampler import Sampler, default_inputs, sample

TOLERANCE = 1e-4
DENSITY_TOLERANCE = 0.02
DENSITY_SIDE = 128


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
