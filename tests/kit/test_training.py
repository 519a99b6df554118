"""The loop that knows nothing of any method."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import torch
from torch import nn

from studio.api import Dataset, Noise, Points, Signature, StudioError
from studio.kit.checkpoint import flatten, unflatten
from studio.kit.ema import EMA
from studio.kit.generator import Generator, sample_port
from studio.kit.one_step import OneStep
from studio.kit.source import Source
from studio.kit.stage import Stage, State
from studio.kit.training import BAD_STEPS, Fit, Settings

CPU = torch.device("cpu")
DATA = Dataset(Signature(space=Points(dimensions=1)), np.arange(10, dtype=np.float32)[:, None], np.zeros((2, 1), np.float32))


class Shift(OneStep):
    def __init__(self, generator: "Mean") -> None:
        super().__init__(sample_port(generator.space), (), Noise(shape=(1,)))
        self.mean = generator.mean

    def make(self, noise, given):
        return noise + self.mean


class Fitting(Stage):
    def __init__(self, generator: "Mean", name: str, share: float) -> None:
        self.generator, self.name, self.share = generator, name, share

    def setup(self, training):
        return State(optimizer=torch.optim.SGD([self.generator.mean], lr=0.1))

    def step(self, state, batch, training):
        loss = (batch.x - self.generator.mean).square().mean()
        if training.step >= self.generator.poison:
            loss = loss * float("nan")
        training.update(loss, state.optimizer)
        return {"loss": loss.detach()}


class Mean(Generator):
    """Learns the mean of its data, in two stages."""

    def __init__(self, poison: int = 10**9) -> None:
        super().__init__(DATA.signature, None)
        self.mean = nn.Parameter(torch.zeros(1))
        self.poison = poison

    def stages(self):
        return (Fitting(self, "first", 3.0), Fitting(self, "second", 1.0))

    def samplers(self):
        return {"sample": Shift(self)}


@dataclass
class Traces:
    events: list = field(default_factory=list)
    saved: dict = field(default_factory=dict)
    previews: list = field(default_factory=list)

    def report(self, event):
        self.events.append(event)

    def save(self, step, tensors, facts):
        self.saved[step] = (tensors, facts)

    def preview(self, step, samples, insights):
        self.previews.append((step, samples))


def fit(generator: Mean, **settings) -> Traces:
    traces = Traces()
    chosen = Settings(**{"steps": 40, "batch_size": 5, "preview_every": 1e9, "checkpoint_every": 1e9, **settings})
    Fit(generator, Source(DATA, 5, 0, CPU), chosen, traces).run()
    return traces


def test_that_stages_share_the_budget_and_the_weights_are_learnt():
    generator = Mean()
    traces = fit(generator)
    stages = [event.stage for event in traces.events if event.kind == "step"]
    assert stages == ["first"] * 30 + ["second"] * 10
    assert generator.mean.item() == pytest.approx(4.5, abs=1.0)


def test_that_previews_at_the_beginning_and_the_end_come_from_the_same_noise():
    generator = Mean()
    (first, before), (last, after) = fit(generator).previews
    assert (first, last) == (0, 40)
    np.testing.assert_allclose(after - before, float(generator.mean.detach()), atol=1e-5)


def test_that_a_loss_that_is_not_finite_stops_training_and_keeps_the_last_finite_checkpoint():
    traces = Traces()
    generator = Mean(poison=7)
    settings = Settings(steps=40, batch_size=5, preview_every=1e9, checkpoint_every=1e-9)
    with pytest.raises(StudioError, match="not a finite number"):
        Fit(generator, Source(DATA, 5, 0, CPU), settings, traces).run()
    assert max(traces.saved) == 7
    assert torch.isfinite(generator.mean).all()
    assert [event.values["loss"] for event in traces.events if event.kind == "step"][7:] == [None] * (BAD_STEPS - 1)


def test_that_a_budget_of_seconds_ends_training():
    traces = fit(Mean(), steps=None, seconds=0.05)
    spent = sum(event.seconds for event in traces.events if event.kind == "step")
    assert 0.05 <= spent < 1.0


def test_that_every_epoch_has_each_sample_once_in_another_order():
    batches = Source(DATA, 5, 3, CPU).batches()
    epochs = [torch.cat([batches(2 * k).x, batches(2 * k + 1).x]).flatten().tolist() for k in range(3)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert epochs[0] != epochs[1]
    assert torch.equal(Source(DATA, 5, 3, CPU).batches()(5).x, batches(5).x)


def test_that_a_state_survives_being_flattened():
    tree = {"a": [torch.ones(2), {"b.c": 1}], 3: (torch.zeros(1), None), "b": {"c": torch.eye(2)}, "b.c": torch.ones(1)}
    tensors, skeleton = flatten(tree)
    back = unflatten(skeleton, tensors)
    assert len(tensors) == 4
    torch.testing.assert_close(back["b"]["c"], torch.eye(2))
    torch.testing.assert_close(back["b.c"], torch.ones(1))
    assert back["a"][1] == {"b.c": 1}
    assert back[3][1] is None


def test_that_an_average_starts_at_its_network_and_follows_it():
    network = nn.Linear(1, 1)
    average = EMA(network, decay=0.9)
    with torch.no_grad():
        network.weight.fill_(5.0)
    for _ in range(200):
        average.update(network)
    torch.testing.assert_close(average(torch.ones(1, 1)), network(torch.ones(1, 1)), atol=1e-3, rtol=0)
    assert not any(weight.requires_grad for weight in average.network.parameters())
