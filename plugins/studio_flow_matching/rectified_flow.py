"""Rectified flow: flow matching repeated on its own pairs of noise and sample until paths are straight."""

import copy
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Noise, Signature
from studio.kit.ema import EMA
from studio.kit.generator import sample_port
from studio.kit.ode import Velocity, solve
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch, Source
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.rectified_flow import RectifiedFlowParams
from .matching import Matching, adam, pace
from .pairs import Pair, Pairs
from .vector_field import VectorField, clock


class RectifiedFlow(VectorField):
    """A flow, straightened by reflow stages, and where asked for distilled into one step.

    Source: Liu et al., Flow Straight and Fast: Learning to Generate and Transfer Data with Rectified Flow, 2022,
    https://arxiv.org/abs/2209.03003
    """

    def __init__(
        self, signature: Signature, params: RectifiedFlowParams, inputs: Mapping[str, nn.Module] | None = None
    ) -> None:  # fmt: skip
        super().__init__(signature, params, inputs)
        self.student = copy.deepcopy(self.network) if params.distill else None
        self.one_step = EMA(self.network, params.ema) if params.distill else None

    def stages(self) -> Sequence[Stage]:
        params = cast(RectifiedFlowParams, self.params)
        reflows = [Reflow(self, k + 1) for k in range(params.reflows)]
        return (Matching(self, params.learning_rate), *reflows, *([Distillation(self)] if params.distill else []))

    def samplers(self) -> Mapping[str, Sampler]:
        return {**super().samplers(), **({"one_step": OneStepSample(self, self.one_step)} if self.one_step else {})}


class Reflow(Matching):
    """Flow matching on pairs of the flow as it was when the stage began; each step makes some, until there are enough."""

    def __init__(self, flow: RectifiedFlow, number: int) -> None:
        self.params = cast(RectifiedFlowParams, flow.params)
        super().__init__(flow, self.params.learning_rate)
        self.name = f"reflow {number}"

    def setup(self, training: Training) -> State:
        teacher = copy.deepcopy(self.flow.average.network).eval()
        pairs = Pairs(self.params.pairs, training.device)
        return State(optimizer=adam(self.trained(training), self.learning_rate), teacher=teacher, pairs=pairs)

    def trained(self, training: Training) -> nn.Module:
        """The network that this stage trains."""
        return self.flow.network

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        return super().step(state, self.draw(state, cast(Pair, batch)), training)

    def draw(self, state: State, pair: Pair) -> Pair:
        """As many pairs of the teacher as there are in a batch, from more and more of them."""
        if not state.pairs.full:
            state.pairs.add(self.generated(state.teacher, pair))
        return state.pairs.draw(len(pair.x))

    @torch.no_grad()
    def generated(self, teacher: nn.Module, pair: Pair) -> Pair:
        """The sources and classes of a batch with what the teacher makes of them."""
        velocity: Velocity = lambda x, time: teacher(x, clock(time, x), pair.labels)  # noqa: E731
        return Pair(solve(velocity, pair.start, self.params.pair_steps), pair.labels, start=pair.start)

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        return {}


class Distillation(Reflow):
    """A network of its own learns where the straightened flow ends, from the noise alone."""

    def __init__(self, flow: RectifiedFlow) -> None:
        super().__init__(flow, 0)
        self.name = "distill"
        assert flow.student is not None
        assert flow.one_step is not None
        self.student, self.one_step = flow.student, flow.one_step

    def trained(self, training: Training) -> nn.Module:
        if not training.stage_step:
            self.student.load_state_dict(self.flow.average.network.state_dict())
        return self.student

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        pair = self.draw(state, cast(Pair, batch))
        loss = F.mse_loss(leap(self.student, pair.start, pair.labels), pair.x)
        training.update(loss, state.optimizer, clip=1.0, lr=self.learning_rate * pace(training))
        self.one_step.update(self.student)
        return {"loss": loss.detach()}


def leap(network: nn.Module, start: Tensor, labels: Tensor | None) -> Tensor:
    """Noise (n, ...) moved to data in one Euler step."""
    return start + network(start, clock(torch.zeros((), device=start.device), start), labels)


class OneStepSample(OneStep):
    """One evaluation of the distilled network."""

    def __init__(self, flow: RectifiedFlow, network: EMA) -> None:
        super().__init__(sample_port(flow.space), flow.label_ports(), Noise(shape=flow.space.shape))
        self.network = network

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return leap(self.network, noise, given.get("label"))
