"""What a training shows of a generator in the plane."""

import pytest
import torch
from torch import nn

from studio.api import Dataset, Noise, Plan, Points, Port, Signature
from studio.engine.training.case import Broken
from studio.engine.training.sampling_laws import shows
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.insight import Arrows, Lines, Surface, arrows, check, surface
from studio.kit.preview import COARSE_SIDE, DENSITY_SIDE, KNOTS, PATHS, look, observe
from studio.kit.sampler import Sampler
from studio.kit.source import Source
from studio.kit.stage import Stage, State
from studio.kit.training import Fit, Settings

CPU = torch.device("cpu")
PLANE = Signature(space=Points(dimensions=2))


class Walk(Sampler):
    """Straight to the origin in a number of steps."""

    def __init__(self, steps: int, inputs: tuple[Port, ...] = ()) -> None:
        self.plan, self.inputs = Plan(steps=steps, initial=Noise(shape=(2,))), inputs
        self.output = sample_port(Points(dimensions=2))

    def init(self, noise, given):
        return {"x": noise, "left": noise * 0 + 1.0}

    def step(self, carry, i, noise, given):
        return {"x": carry["x"], "left": carry["left"] - 1 / self.plan.steps}

    def finish(self, carry):
        return carry["x"] * carry["left"]


class Normal(Score):
    inputs = (sample_port(Points(dimensions=2)),)

    def score(self, sample, noise, given):
        return -0.5 * sample.square().sum(1) - torch.log(torch.tensor(2 * torch.pi))


class Toy(Generator):
    """Shows what it is told to."""

    def __init__(self, steps: int = 4, shown=dict, signature: Signature = PLANE, **samplers: Sampler) -> None:
        super().__init__(signature, None)
        self.weight = nn.Parameter(torch.zeros(()))
        self.machines = {"sample": Walk(steps), **samplers}
        self.shown, self.numbers = shown, {}

    def stages(self):
        return (Still(self),)

    def samplers(self):
        return self.machines

    def scores(self):
        return self.numbers

    def insights(self):
        return self.shown()


class Still(Stage):
    def __init__(self, toy: Toy) -> None:
        self.toy = toy

    def setup(self, training):
        return State(optimizer=torch.optim.SGD([self.toy.weight], lr=0.1))

    def step(self, state, batch, training):
        training.update(self.toy.weight.square() + torch.rand(()) * self.toy.weight, state.optimizer)
        return {"loss": 0.0}


class Memory:
    def __init__(self) -> None:
        self.events, self.shown = [], []

    def report(self, event):
        self.events.append(event)

    def save(self, step, tensors, facts): ...

    def preview(self, step, samples, insights):
        self.shown.append((step, insights))


def train(toy: Toy, **settings) -> Memory:
    memory = Memory()
    points = torch.zeros(8, 2).numpy()
    source = Source(Dataset(PLANE, points, points), 4, 0, CPU)
    torch.manual_seed(0)
    Fit(toy, source, Settings(steps=6, checkpoint_every=1e9, **settings), memory).run()
    return memory


def test_that_paths_lead_from_the_noise_to_the_samples():
    seen = look(Toy(steps=4), 16, CPU)
    paths = seen.insights["trajectories"].points
    assert paths.shape == (PATHS, 5, 2)
    assert paths[:, -1].abs().max() < 1e-6
    torch.testing.assert_close(paths[:, 2], paths[:, 0] / 2)
    assert seen.samples.shape == (256, 2)


def test_that_a_path_of_many_steps_keeps_its_ends_and_few_knots():
    paths = look(Toy(steps=500), 16, CPU).insights["trajectories"].points
    assert paths.shape == (PATHS, KNOTS, 2)
    assert paths[:, 0].abs().max() > 1
    assert paths[:, -1].abs().max() < 1e-4


def test_that_one_step_has_no_path_and_a_sampler_that_needs_a_picture_is_left_out():
    canvas = (Port(name="canvas", kind="points", shape=(2,)),)
    insights = look(Toy(steps=1, slow=Walk(3), edit=Walk(3, canvas)), 16, CPU).insights
    assert list(insights) == ["trajectories_slow"]


def test_that_a_log_prob_is_shown_as_a_density_unless_the_method_shows_one():
    toy = Toy(steps=1)
    toy.numbers = {"log_prob": Normal()}
    density = look(toy, 16, CPU).insights["density"].values
    area = (6 / (DENSITY_SIDE - 1)) ** 2
    assert float(density.sum() * area) == pytest.approx(1.0, abs=0.01)
    toy.shown = lambda: {"density": surface(lambda x: x[:, 0])}
    assert look(toy, 16, CPU).insights["density"].values.shape == (64, 64)


def test_that_a_density_that_takes_many_steps_is_shown_at_the_end_only():
    toy = Toy(steps=4)
    toy.numbers = {"log_prob": Normal()}
    shown = [list(insights) for _, insights in train(toy).shown]
    assert shown == [["trajectories"], ["trajectories", "density"]]
    assert look(toy, 16, CPU).insights["density"].values.shape == (COARSE_SIDE, COARSE_SIDE)


def test_that_a_method_shows_itself_in_evaluation_mode_without_gradients_and_goes_on_training():
    seen = []
    toy = Toy(shown=lambda: seen.append((toy.training, torch.is_grad_enabled())) or {})
    look(toy, 16, CPU)
    assert seen == [(False, False)]
    assert toy.training


def test_that_only_the_plane_is_looked_at():
    toy = Toy(signature=Signature(space=Points(dimensions=3)), shown=lambda: 1 / 0)
    assert look(toy, 16, CPU).insights == {}


def test_that_an_insight_that_fails_is_told_once_and_training_goes_on():
    memory = train(Toy(shown=lambda: 1 / 0), preview_every=1e-9)
    warnings = [event.text for event in memory.events if event.kind == "message"]
    assert warnings == ["'insights' cannot be shown: ZeroDivisionError: division by zero"]
    assert [step for step, _ in memory.shown][-1] == 6
    assert all(list(insights) == ["trajectories"] for _, insights in memory.shown)


def test_that_a_broken_insight_is_named_and_the_others_are_shown():
    shown = {"energy": Surface(torch.full((4, 4), torch.nan)), "field": arrows(lambda x: -x), "flat": Lines(torch.zeros(3, 2))}
    insights, flaws = observe(Toy(shown=lambda: shown), CPU)
    assert set(insights) == {"trajectories", "field"}
    assert set(flaws) == {"energy", "flat"}
    assert "16 not finite" in flaws["energy"]


def test_that_looking_leaves_the_random_numbers_of_the_training_alone():
    weights = []
    for shown in (dict, lambda: {"noise": surface(lambda x: torch.rand(len(x)))}):
        toy = Toy(shown=shown)
        train(toy, preview_every=1e-9)
        weights.append(float(toy.weight.detach()))
    assert weights[0] == weights[1] != 0


@pytest.mark.parametrize(
    "wrong",
    [
        Surface(torch.zeros(3)), Surface(torch.zeros(1000, 1000)), Arrows(torch.zeros(4, 2), torch.zeros(3, 2)),
        Arrows(torch.zeros(4, 3), torch.zeros(4, 3)), Lines(torch.zeros(4, 1, 2)), Lines(torch.full((1, 2, 2), torch.inf)),
    ],
)  # fmt: skip
def test_that_what_cannot_be_drawn_is_refused(wrong):
    with pytest.raises(ValueError, match="expected"):
        check(wrong)


def test_that_the_law_of_insights_names_what_cannot_be_drawn():
    assert shows(Toy(shown=lambda: {"field": arrows(lambda x: -x)})) == "trajectories, field"
    with pytest.raises(Broken, match="energy: ValueError: finite values"):
        shows(Toy(shown=lambda: {"energy": Surface(torch.full((4, 4), torch.nan))}))
