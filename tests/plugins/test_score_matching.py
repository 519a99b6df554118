"""Denoising score matching's own mathematics."""

import torch
from studio_ebm.cards.score_matching import ScoreMatchingParams
from studio_ebm.energy import Energy
from studio_ebm.score_matching import AnnealedLangevin, ScoreMatching, denoising_loss, levels
from torch import Tensor

from studio.api import Points, Signature
from studio.kit.sampler import sample

SIGNATURE = Signature(space=Points(dimensions=2))


class Normal(Energy):
    """The exact energy of standard normal data with noise."""

    def __init__(self, stretch: float = 1.0) -> None:
        super().__init__(Points(dimensions=2), 8, 1, 0, noisy=True)
        self.stretch = stretch

    def logits(self, x: Tensor, sigma: Tensor | None = None) -> Tensor:
        assert sigma is not None
        return -0.5 * self.stretch * x.square().sum(1, keepdim=True) / (1 + sigma.square())[:, None]


def test_that_the_loss_is_least_at_the_true_energy_where_it_is_what_cannot_be_known():
    torch.manual_seed(0)
    x, noise, sigma = torch.randn(20_000, 2), torch.randn(20_000, 2), torch.full((20_000,), 0.7)
    losses = {stretch: float(denoising_loss(Normal(stretch), x, sigma, noise)[0].detach()) for stretch in (0.7, 1.0, 1.4)}
    assert losses[1.0] < min(losses[0.7], losses[1.4])
    assert abs(losses[1.0] - 1 / (1 + 0.7**2)) < 0.02


def test_that_levels_fall_by_equal_parts_from_the_largest_to_the_smallest():
    sigmas = levels(ScoreMatchingParams(levels=5, sigma_min=0.1, sigma_max=10.0))
    torch.testing.assert_close(sigmas, torch.tensor([10.0, 3.1622777, 1.0, 0.3162278, 0.1]))


def test_that_annealed_chains_in_the_true_energy_are_its_samples():
    model = ScoreMatching(SIGNATURE, ScoreMatchingParams(sigma_min=0.05))
    exact = Normal()
    model.average.network = exact
    model._gradient.network = exact
    x = sample(AnnealedLangevin(model), 2000, 0, {}, {"steps": 200})
    torch.testing.assert_close(x.mean(0), torch.zeros(2), atol=0.06, rtol=0.0)
    torch.testing.assert_close(x.std(0), torch.ones(2), atol=0.08, rtol=0.0)


def test_that_the_gradient_is_that_of_the_energy_it_exports():
    model = ScoreMatching(SIGNATURE, ScoreMatchingParams(width=16, depth=1)).eval()
    x, step = torch.randn(5, 2, dtype=torch.float32), torch.tensor([[1e-2, 0.0]])
    with torch.no_grad():
        slope = (model.energy(x + step) - model.energy(x - step)) / 2e-2
    torch.testing.assert_close(model.gradient(x)[:, 0], slope, atol=2e-2, rtol=2e-2)
