"""Exact log-densities by the instantaneous change of variables."""

import math

import torch

from studio.api import Points
from studio.kit.likelihood import LogProb, with_estimated_divergence, with_exact_divergence

SCALES = torch.tensor([2.0, 0.5, 1.5])


def stretch(x, time, labels):
    """Its paths multiply each axis by its scale, from t = 0 to t = 1."""
    return SCALES.log() * x


def field(x, time, labels):
    """Something curved in every direction."""
    return torch.sin(x @ torch.tensor([[1.0, -0.3, 0.2], [0.5, 0.8, -1.0], [-0.7, 0.1, 0.4]]) + time[:, None]) * x.flip(1)


def test_that_a_linear_flow_has_the_density_of_its_gaussian():
    x = torch.randn(50, 3, generator=torch.Generator().manual_seed(0))
    log_prob = LogProb(Points(dimensions=3), stretch).score(x, x[:, :0], {})
    expected = torch.distributions.Normal(torch.zeros(3), SCALES).log_prob(x).sum(1)
    torch.testing.assert_close(log_prob, expected, atol=1e-4, rtol=1e-4)


def test_that_the_exact_divergence_is_the_trace_of_the_jacobian():
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(1))
    time = torch.tensor(0.3)
    changes = with_exact_divergence(field, None)(torch.cat([x, torch.zeros(4, 1)], 1), time)
    for row, change in zip(x, changes, strict=True):
        jacobian = torch.autograd.functional.jacobian(lambda y: field(y[None], time[None], None)[0], row)
        torch.testing.assert_close(change[3], jacobian.trace())
        torch.testing.assert_close(change[:3], field(row[None], time[None], None)[0])


def test_that_the_estimated_divergence_is_exact_on_average_over_all_signs():
    x, time = torch.randn(1, 3, generator=torch.Generator().manual_seed(2)), torch.tensor(0.3)
    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 3)
    state = torch.cat([x, torch.zeros(1, 1)], 1)
    estimates = with_estimated_divergence(field, None, signs)(state.expand(8, 4).contiguous(), time)
    torch.testing.assert_close(estimates[:, 3].mean(), with_exact_divergence(field, None)(state, time)[0, 3])


def test_that_labels_follow_their_samples_through_the_directions():
    shifts = torch.tensor([1.0, -1.0])
    by_class = lambda x, time, labels: shifts[labels][:, None] * x  # noqa: E731
    x, labels = torch.zeros(2, 3), torch.tensor([0, 1])
    log_prob = LogProb(Points(dimensions=3), by_class).score(x, x[:, :0], {"label": labels})
    normal = -1.5 * math.log(2 * math.pi)
    torch.testing.assert_close(log_prob, torch.tensor([normal - 3, normal + 3]), atol=1e-4, rtol=0)
