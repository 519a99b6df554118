"""The score SDE's own mathematics: processes, samplers and likelihood, where the score is known."""

import math

import pytest
import torch
from studio_diffusion.cards.score_sde import ScoreSDEParams
from studio_diffusion.predictor_corrector import langevin, reverse_diffusion
from studio_diffusion.score_sde import ScoreSDE
from studio_diffusion.sde import VarianceExploding, VariancePreserving
from torch import Tensor, nn

from studio.api import Image, Points, Signature
from studio.kit.denoiser import Denoiser
from studio.kit.insight import grid
from studio.kit.sampler import sample
from studio.kit.solvers import Level


class Gaussian(nn.Module):
    """What the averaged network would say of normal data with this mean and deviation."""

    def __init__(self, model: ScoreSDE, mean: float, deviation: float) -> None:
        super().__init__()
        self.sde, self.mean, self.deviation = model.sde, mean, deviation

    def forward(self, x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        alpha, sigma = (value[:, None] for value in self.sde.marginal(time / 1000))
        size = (alpha**2 + sigma**2).sqrt()
        noise = sigma * (x * size - alpha * self.mean) / (alpha**2 * self.deviation**2 + sigma**2)
        return (noise * size - sigma * x) / alpha


def build(sde: str, mean: float = 0.5, deviation: float = 0.4) -> ScoreSDE:
    torch.manual_seed(0)
    model = ScoreSDE(Signature(space=Points(dimensions=2)), ScoreSDEParams(width=8, sde=sde)).eval()
    model.average = Gaussian(model, mean, deviation)
    return model


@pytest.mark.parametrize(
    ("sde", "strength"),
    [
        (VariancePreserving(), lambda t, sigma: 0.1 + 19.9 * t),
        (VarianceExploding(), lambda t, sigma: 2 * math.log(5000) * sigma**2),
    ],
)
def test_that_the_marginals_solve_the_process(sde, strength):
    t, step = torch.linspace(0.05, 0.95, 7, dtype=torch.float64), 1e-5
    (alpha, sigma), (alpha_after, sigma_after) = sde.marginal(t), sde.marginal(t + step)
    gained = (sigma_after**2 - (alpha_after / alpha * sigma) ** 2) / step
    torch.testing.assert_close(gained, strength(t, sigma), rtol=1e-3, atol=0)
    torch.testing.assert_close(sde.time(sigma / alpha), t)


@pytest.mark.parametrize(("name", "strength"), [("vp", lambda t: 0.1 + 19.9 * t), ("ve", lambda t: 0 * t + 2 * math.log(5000))])
def test_that_times_come_as_often_as_they_count_in_the_likelihood(name, strength):
    model = ScoreSDE(Signature(space=Points()), ScoreSDEParams(width=8, sde=name, weighting="likelihood"))
    drawn = model.times(torch.linspace(0, 1, 20_001, dtype=torch.float64))
    t = torch.linspace(model.sde.first, 1, 200_001, dtype=torch.float64)
    weight = strength(t) / (1 if name == "ve" else model.sde.marginal(t)[1] ** 2)
    middle = 0.2
    share = float(weight[t < middle].sum() / weight.sum())
    assert float((drawn < middle).double().mean()) == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("name", ["vp", "ve"])
def test_that_the_likelihood_of_a_known_density_is_exact(name):
    model = build(name, mean=0.0)
    x = 0.4 * torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours = model.scores()["log_prob"].score(x, torch.empty(50, 0), {})
    truth = (-0.5 * (x / 0.4) ** 2 - math.log(0.4 * math.sqrt(2 * math.pi))).sum(1)
    torch.testing.assert_close(ours, truth, atol=1e-2, rtol=0)


def test_that_the_likelihood_integrates_to_one_whatever_the_network_says():
    torch.manual_seed(1)
    model = ScoreSDE(Signature(space=Points(dimensions=2)), ScoreSDEParams(width=16)).eval()
    places = grid(40, 5.0)
    with torch.no_grad():
        density = model.scores()["log_prob"].score(places, torch.empty(len(places), 0), {}).exp()
    assert float(density.sum() * (10 / 39) ** 2) == pytest.approx(1.0, abs=0.01)


def test_that_pictures_have_no_likelihood():
    assert not ScoreSDE(Signature(space=Image(height=8, width=8)), ScoreSDEParams(width=8)).scores()


@pytest.mark.parametrize("name", ["vp", "ve"])
@pytest.mark.parametrize(
    ("solver", "steps"),
    [("predictor_corrector", 199), ("reverse_diffusion", 150), ("ancestral", 150), ("heun", 41), ("dpmpp_2m", 100)],
)
def test_that_every_solver_reaches_a_known_density(name, solver, steps):
    made = sample(build(name).samplers()["sample"], 1500, 0, {}, {"steps": steps, "solver": solver})
    assert made.mean(0).tolist() == pytest.approx([0.5, 0.5], abs=0.04)
    assert made.std(0).tolist() == pytest.approx([0.4, 0.4], abs=0.04)


def test_that_a_step_of_reverse_diffusion_is_the_paper_s_in_both_cases():
    x, score, noise = torch.tensor([0.7]), torch.tensor([-1.3]), torch.tensor([0.4])
    one = torch.ones(1)
    now, then = Level(one, 3 * one, one), Level(one, 2 * one, one)
    ours = reverse_diffusion(now, then).combine(x, x + 9 * score, x, noise)
    torch.testing.assert_close(ours, x + 5 * score + 5**0.5 * noise)
    beta, bar = 0.02, torch.tensor([0.6])
    now, then = Level((bar * (1 - beta)).sqrt(), (1 - bar * (1 - beta)).sqrt(), one), Level(bar.sqrt(), (1 - bar).sqrt(), one)
    clean = (x + now.sigma**2 * score) / now.alpha
    ours = reverse_diffusion(now, then).combine(x, clean, x, noise)
    torch.testing.assert_close(ours, (2 - (1 - beta) ** 0.5) * x + beta * score + beta**0.5 * noise)


def test_that_a_corrector_leaves_its_level_s_density_as_it_is():
    torch.manual_seed(0)
    level = Level(torch.ones(1), torch.ones(1), torch.ones(1))
    x = 2**0.5 * torch.randn(5_000, 2)
    for _ in range(20):
        x = langevin(x, x / 2, torch.randn_like(x), level, torch.tensor(0.1))
    assert x.std().item() == pytest.approx(2**0.5, rel=0.03)


@pytest.mark.parametrize("name", ["vp", "ve"])
def test_that_it_is_a_denoiser_in_either_variance(name):
    model = build(name)
    assert isinstance(model, Denoiser)
    x, sigma = torch.randn(5, 2), torch.tensor([0.02, 0.1, 1.0, 5.0, 30.0])
    share = (0.16 / (0.16 + sigma**2))[:, None]
    torch.testing.assert_close(model.denoise(x, sigma), 0.5 + share * (x - 0.5), atol=1e-3, rtol=1e-3)
