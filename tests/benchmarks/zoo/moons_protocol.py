"""Flow matching, OT-CFM and reflow by the protocol of C2OT: from eight Gaussians to moons, beside torchcfm.

Data that is a pair: these flows begin at eight Gaussians, not at noise, so the benchmark's generators bring their own `source`.
The peer is torchcfm in the same stage: network, optimiser, batches and solver are ours; pairs, points and velocities are theirs.

Where pairs are independent, the exact velocity at the start leads to the mean of the data, so that a single Euler step of a
perfect network ends in one point, whose squared distance is the data's variance (9.01): this figure grows while a network learns.
These lines therefore take the protocol's own network, constant learning rate and number of steps; those of OT-CFM take the
studio's. With that one, which falls over the second half, flow matching was at 6.70 and 0.041, and torchcfm's loss in the
same stage at 6.39 and 0.037.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np
import ot
import torch
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from studio_flow_matching.cards.flow_matching import FlowMatchingParams
from studio_flow_matching.cards.ot_cfm import OTCFMParams
from studio_flow_matching.cards.rectified_flow import RectifiedFlowParams
from studio_flow_matching.flow_matching import FlowMatching, GaussianPaths
from studio_flow_matching.ot_cfm import OTCFM, TransportedPairs
from studio_flow_matching.pairs import Pair
from studio_flow_matching.rectified_flow import RectifiedFlow, leap
from studio_flow_matching.vector_field import VectorField, clock
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Dataset, Points, Signature, StudioError
from studio.kit.checkpoint import unflatten
from studio.kit.ema import EMA
from studio.kit.source import Source
from studio.kit.stage import Stage
from studio.kit.training import Fit, Settings, Training
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import Quiet

BATCH, TOGETHER = 256, 2
FM_STEPS, OT_STEPS = 20_000, 8000
REFLOW_STEPS = 12_000
JUDGED = 4000
NETWORK: dict[str, Any] = {"width": 128, "depth": 3, "ema": 0.0}
PUBLISHED = "C2OT (Cheng and Schwing, 2025, arXiv:2503.10636, figure 1), 10 seeds"
PLANE = Signature(space=Points(dimensions=2))


def moons(n: int, seed: int) -> NDArray[np.float32]:
    """Two half circles as the protocol draws and scales them, each point shifted along the diagonal by up to 0.2: (n, 2)."""
    angles = np.linspace(0, np.pi, n // 2)
    arc = np.stack([np.cos(angles), np.sin(angles)], 1)
    points = np.concatenate([arc, [1.0, 0.5] - arc]) + 0.2 * np.random.default_rng(seed).random((len(angles) * 2, 1))
    return (3 * points - 1).astype(np.float32)


def eight_gaussians(n: int, generator: torch.Generator) -> Tensor:
    """Eight Gaussians of variance 0.1 on a circle of radius 5, (n, 2)."""
    angles = torch.randint(8, (n,), generator=generator) * (torch.pi / 4)
    return 5 * torch.stack([angles.cos(), angles.sin()], 1) + 0.1**0.5 * torch.randn(n, 2, generator=generator)


class ProtocolNetwork(nn.Module):
    """Three residual perceptrons of width 128 that widen to 512, with linear embeddings of the point and of the time."""

    def __init__(self) -> None:
        super().__init__()
        self.point, self.time, self.last = nn.Linear(2, 128), nn.Linear(1, 128), nn.Linear(128, 2)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(128, 512), nn.GELU(), nn.Linear(512, 128)) for _ in range(3))

    def forward(self, x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        h = self.point(x) + self.time(time[:, None] / 1000)
        for block in self.blocks:
            h = h + block(h)
        return self.last(h)


class FromEightGaussians(VectorField):
    """A flow that begins at eight Gaussians."""

    def source(self, x: Tensor, generator: torch.Generator) -> Tensor:
        return eight_gaussians(len(x), generator)


class SteadyPaths(GaussianPaths):
    """The protocol's learning rate, which neither warms up nor falls."""

    def rate(self, training: Training) -> float:
        return self.learning_rate


class OurFM(FromEightGaussians, FlowMatching):
    """Independent pairs."""

    def stages(self) -> Sequence[Stage]:
        return (SteadyPaths(self),)


class OurOT(FromEightGaussians, OTCFM):
    """Pairs by optimal transport."""


class OurReflow(FromEightGaussians, RectifiedFlow):
    """Independent pairs, then the flow's own."""


def torchcfm() -> Any:
    """The peer; a full installation would bring another framework along."""
    try:
        from torchcfm import conditional_flow_matching
    except ImportError:
        raise StudioError("The peer is missing; install it with: pip install --no-deps torchcfm==1.0.7") from None
    return conditional_flow_matching


def their_loss(network: nn.Module, pair: Pair, time: Tensor) -> Tensor:
    """The loss with points and velocities of torchcfm."""
    matcher = torchcfm().ConditionalFlowMatcher(sigma=0.0)
    time, x, velocity = matcher.sample_location_and_conditional_flow(pair.start, pair.x, t=time)
    return F.mse_loss(network(x, clock(time, x)), velocity)


class TheirPaths(SteadyPaths):
    """torchcfm's independent conditional flow matching."""

    def loss(self, network: nn.Module, pair: Pair, time: Tensor) -> Tensor:
        return their_loss(network, pair, time)


class TheirTransportedPairs(TransportedPairs):
    """torchcfm's exact optimal transport, on as many pairs at once as ours."""

    def matched(self, pair: Pair) -> Pair:
        start, x = torchcfm().ExactOptimalTransportConditionalFlowMatcher(sigma=0.0).ot_sampler.sample_plan(pair.start, pair.x)
        return Pair(x, None, start=start)

    def loss(self, network: nn.Module, pair: Pair, time: Tensor) -> Tensor:
        return their_loss(network, pair, time)


class TheirFM(OurFM):
    """The peer, independent pairs."""

    def stages(self) -> Sequence[Stage]:
        return (TheirPaths(self),)


class TheirOT(OurOT):
    """The peer, pairs by optimal transport."""

    def stages(self) -> Sequence[Stage]:
        return (TheirTransportedPairs(self),)


class Boundaries(Quiet):
    """A recorder that keeps the generator's weights at the beginning of each stage and at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.weights: list[dict[str, Tensor]] = []

    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Any) -> None:
        self.weights.append(unflatten(facts, dict(tensors))["generator"])


def fit(flow: VectorField, steps: int) -> tuple[float, Boundaries]:
    """Train on the moons as the studio does: processor seconds, and the weights between stages."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    np.random.seed(0)  # noqa: NPY002 - torchcfm draws from it
    data = Dataset(PLANE, moons(500_000, 0), moons(1000, 1))
    settings = Settings(steps=steps, batch_size=BATCH, preview_every=1e9, checkpoint_every=1e9, previews=2, insights=False)
    recorder, begun = Boundaries(), time.process_time()
    Fit(flow, Source(data, BATCH, 0, settings.device), settings, recorder).run()
    flow.eval()
    return time.process_time() - begun, recorder


def squared_wasserstein(made: NDArray[Any]) -> float:
    """W2 squared to fresh moons, exact for these points."""
    costs = ot.dist(moons(len(made), 2).astype(np.float64), np.asarray(made, np.float64))
    return float(cast(Any, ot.emd2([], [], costs, numItermax=10**8)))


def starts() -> Tensor:
    """Where samples begin that are judged."""
    return eight_gaussians(JUDGED, torch.Generator().manual_seed(3))


def one_euler_step(flow: VectorField) -> float:
    """W2 squared after a single step."""
    x = starts()
    with torch.no_grad():
        return squared_wasserstein((x + flow.velocity(x, torch.tensor(0.0))).numpy())


def adaptive(flow: VectorField) -> tuple[float, int]:
    """W2 squared after Dormand-Prince steps with a tolerance of 1e-4, and how many evaluations that took."""

    @torch.no_grad()
    def velocity(time: float, state: NDArray[Any]) -> NDArray[Any]:
        x = torch.from_numpy(state.astype(np.float32)).reshape(-1, 2)
        return flow.velocity(x, torch.tensor(time, dtype=torch.float32)).double().numpy().ravel()

    solved = solve_ivp(velocity, (0.0, 1.0), starts().double().numpy().ravel(), method="RK45", rtol=1e-4, atol=1e-4)
    return squared_wasserstein(solved.y[:, -1].reshape(-1, 2)), solved.nfev


@dataclass(frozen=True)
class Judged:
    """W2 squared of a trained flow."""

    euler: float
    adaptive: float
    evaluations: int
    cpu_seconds: float


@cache
def judged(kind: type[VectorField]) -> Judged:
    """Train one of the four and judge it; once, however many lines ask."""
    torch.manual_seed(0)
    independent = issubclass(kind, FlowMatching)
    if independent:
        flow = kind(PLANE, FlowMatchingParams(**NETWORK, learning_rate=3e-4))
        flow.network = ProtocolNetwork()
        flow.average = EMA(flow.network, 0.0)
    else:
        flow = kind(PLANE, OTCFMParams(**NETWORK, batches_together=TOGETHER))
    seconds, _ = fit(flow, FM_STEPS if independent else OT_STEPS)
    distance, evaluations = adaptive(flow)
    return Judged(one_euler_step(flow), distance, evaluations, seconds)


def euler_line(method: str, ours: type[VectorField], theirs: type[VectorField], mean: float, deviation: float) -> Line:
    """A single Euler step, beside torchcfm."""

    def measure() -> Result:
        own, peer = judged(ours), judged(theirs)
        notes = f"published {mean} ± {deviation}; torchcfm's own training took {peer.cpu_seconds:.0f} CPU s"
        return Result(ours=own.euler, peer=peer.euler, cpu_seconds=own.cpu_seconds, notes=notes)

    return plane_line(method, "Euler-1", "W2² of 1 Euler step", mean + 2 * deviation, measure)


def adaptive_line(method: str, ours: type[VectorField], theirs: type[VectorField], mean: float, deviation: float) -> Line:
    """An adaptive solver, beside torchcfm."""

    def measure() -> Result:
        own, peer = judged(ours), judged(theirs)
        notes = f"published {mean} ± {deviation}; {own.evaluations} evaluations, torchcfm {peer.evaluations}"
        return Result(ours=own.adaptive, peer=peer.adaptive, cpu_seconds=own.cpu_seconds, notes=notes)

    return plane_line(method, "adaptive", "W2² of Dormand-Prince, 1e-4", mean + 2 * deviation, measure)


def plane_line(method: str, what: str, metric: str, target: float, measure: Any) -> Line:
    """A line of the protocol."""
    return Line(
        name=f"{method} 8gaussians-moons {what}", method=method, dataset="8gaussians→moons", metric=metric, better="lower",
        budget=f"{OT_STEPS} steps of {BATCH}, {TOGETHER * BATCH} pairs matched" if method == "ot_cfm"
        else f"{FM_STEPS} steps of {BATCH}, the protocol's network",
        target=round(target, 3), reference=f"torchcfm 1.0.7, same run; target: {PUBLISHED} + 2 sd", measure=measure,
    )  # fmt: skip


@cache
def straightened() -> tuple[float, float, float, float]:
    """W2 squared of an Euler step before and after a reflow, and of the distilled network; processor seconds."""
    torch.manual_seed(0)
    params = RectifiedFlowParams(**NETWORK, reflows=1, distill=True, pairs=50_000)
    flow = OurReflow(PLANE, params)
    seconds, recorder = fit(flow, REFLOW_STEPS)
    assert flow.one_step is not None
    with torch.no_grad():
        distilled = squared_wasserstein(leap(flow.one_step, starts(), None).numpy())
    after = one_euler_step(flow)
    flow.load_state_dict(recorder.weights[1])
    return one_euler_step(flow), after, distilled, seconds


def reflow_line() -> Result:
    """How many times nearer a single step comes."""
    before, after, distilled, seconds = straightened()
    notes = f"Euler-1 W2² {before:.3f} before, {after:.3f} after; distilled into one step {distilled:.3f}"
    return Result(ours=before / after, cpu_seconds=seconds, notes=notes)


def distilled_line() -> Result:
    """The one-step network, beside an Euler step of the flow that taught it."""
    _, after, distilled, seconds = straightened()
    return Result(ours=distilled, peer=after, cpu_seconds=seconds)


LINES: tuple[Line, ...] = (
    euler_line("flow_matching", OurFM, TheirFM, 6.232, 0.186),
    adaptive_line("flow_matching", OurFM, TheirFM, 0.120, 0.045),
    euler_line("ot_cfm", OurOT, TheirOT, 0.072, 0.025),
    adaptive_line("ot_cfm", OurOT, TheirOT, 0.050, 0.040),
    Line(
        name="rectified_flow 8gaussians-moons reflow", method="rectified_flow", dataset="8gaussians→moons",
        budget=f"{REFLOW_STEPS} steps of {BATCH} in flow, reflow and distillation", metric="W2² of 1 Euler step, before / after",
        better="higher", target=10.0, measure=reflow_line,
    ),
    Line(
        name="rectified_flow 8gaussians-moons distilled", method="rectified_flow", dataset="8gaussians→moons",
        budget="the same training", metric="W2² of the distilled step", better="lower", measure=distilled_line,
        reference="1 Euler step of its reflowed teacher",
    ),
)  # fmt: skip
