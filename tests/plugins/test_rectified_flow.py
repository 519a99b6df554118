"""Rectified flow's own mathematics."""

from contextlib import suppress

import numpy as np
import torch
from studio_flow_matching.cards.rectified_flow import RectifiedFlowParams
from studio_flow_matching.pairs import Pair, Pairs
from studio_flow_matching.rectified_flow import RectifiedFlow, Reflow

from studio.api import Dataset, Points, Signature
from studio.api.errors import Stopped
from studio.kit.ode import solve
from studio.kit.sampler import sample
from studio.kit.source import Source
from studio.kit.training import Fit, Settings

CLASSES = Signature(space=Points(dimensions=2), classes=("a", "b"))
PARAMS = RectifiedFlowParams(width=8, reflows=2, distill=True, pairs=64, pair_steps=4)
STEPS = 40
CPU = torch.device("cpu")


class Recorder:
    """Keeps checkpoints, and stops after a step."""

    def __init__(self, last=None):
        self.last = last
        self.saved = {}
        self.stages = []

    def report(self, event):
        if event.kind == "step":
            self.stages.append(event.stage)
            if event.step == self.last:
                raise Stopped

    def save(self, step, tensors, facts):
        self.saved[step] = tensors, facts

    def preview(self, *shown): ...


def fit(recorder, resume=None):
    rng = np.random.default_rng(0)
    labels = np.arange(100) % 2
    points = (rng.standard_normal((100, 2)) * 0.2 + labels[:, None]).astype(np.float32)
    settings = Settings(steps=STEPS, batch_size=16, preview_every=1e9, checkpoint_every=1e9, previews=2, insights=False)
    torch.manual_seed(0)
    flow = RectifiedFlow(CLASSES, PARAMS)
    torch.manual_seed(1)
    fitting = Fit(flow, Source(Dataset(CLASSES, points, points, labels, labels), 16, 0, CPU), settings, recorder)
    if resume is not None:
        with torch.no_grad():
            for weight in flow.parameters():
                weight.add_(1.0)
        fitting.restore(*resume)
    with suppress(Stopped):
        fitting.run()
    return flow


def test_that_a_flow_is_followed_by_its_reflows_and_the_distillation():
    recorder = Recorder()
    fit(recorder)
    assert list(dict.fromkeys(recorder.stages)) == ["flow", "reflow 1", "reflow 2", "distill"]


def test_that_pairs_and_teachers_survive_a_stop_in_every_stage_bit_for_bit():
    whole = fit(Recorder()).state_dict()
    for last in (12, 18, 22, 32, 37):
        recorder = Recorder(last)
        fit(recorder)
        resumed = fit(Recorder(), resume=recorder.saved[last]).state_dict()
        assert all(torch.equal(tensor, resumed[name]) for name, tensor in whole.items()), last


def test_that_the_checkpoint_holds_the_pairs_so_far():
    recorder = Recorder(12)
    fit(recorder)
    kept = {name: tensor.shape for name, tensor in recorder.saved[12][0].items() if "pairs" in name}
    assert kept == {"state/pairs/start": (32, 2), "state/pairs/x": (32, 2), "state/pairs/labels": (32,)}


def test_that_a_pair_is_noise_and_where_the_teacher_takes_it():
    flow = RectifiedFlow(CLASSES, PARAMS).eval()
    start, labels = torch.randn(6, 2), torch.arange(6) % 3
    pair = Reflow(flow, 1).generated(flow.average.network, Pair(torch.zeros(6, 2), labels, start=start))
    with torch.no_grad():
        expected = solve(lambda x, time: flow.velocity(x, time, labels), start, PARAMS.pair_steps)
    torch.testing.assert_close(pair.x, expected)
    assert torch.equal(pair.start, start)
    assert torch.equal(pair.labels, labels)


def test_that_no_more_pairs_are_kept_than_asked_for():
    pairs = Pairs(10, CPU)
    for k in range(4):
        pairs.add(Pair(torch.full((4, 2), float(k)), None, start=torch.zeros(4, 2)))
    assert len(pairs) == 10
    drawn = pairs.draw(200).x[:, 0]
    assert drawn.unique().tolist() == [0.0, 1.0, 2.0]
    assert 0.1 < (drawn == 2).float().mean() < 0.3


def test_that_the_distilled_network_makes_a_sample_in_one_evaluation():
    flow = fit(Recorder()).eval()
    sampler = flow.samplers()["one_step"]
    calls = []
    flow.one_step.register_forward_hook(lambda *_: calls.append(1))
    noise = torch.randn(3, 2)
    labels = torch.tensor([0, 1, 2])
    with torch.no_grad():
        made = sampler.finish(sampler.init(noise, {"label": labels}))
        assert len(calls) == 1
        torch.testing.assert_close(made, noise + flow.one_step(noise, torch.zeros(3), labels))
    assert sampler.plan.steps == 1
    assert sample(sampler, 2, inputs={"label": labels[:2]}).shape == (2, 2)
    assert "one_step" not in RectifiedFlow(CLASSES, RectifiedFlowParams(width=8)).samplers()
