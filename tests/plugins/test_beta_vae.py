"""Beta-VAE's own mathematics."""

import torch
from studio_vae.beta_vae import BetaVAE, Constrained
from studio_vae.cards.beta_vae import BetaVAEParams

from studio.api import Points, Signature
from studio.kit.sampler import sample
from studio.kit.source import Batch
from studio.kit.training import Settings, Training

SIGNATURE = Signature(space=Points(dimensions=2))


class Silent:
    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples, insights): ...


def loss_of(params: BetaVAEParams, fraction: float) -> tuple[float, float, float]:
    torch.manual_seed(0)
    model = BetaVAE(SIGNATURE, params)
    training = Training(Settings(), Silent())
    training.stage_step, training.stage_steps = round(100 * fraction), 100
    loss, values = Constrained(model).objective(Batch(torch.randn(32, 2)), training)
    return float(loss.detach()), float(values["elbo"].detach()), float(values["kl"].detach())


def test_that_beta_one_is_the_evidence_lower_bound_and_more_weighs_the_kl_term():
    loss, elbo, kl = loss_of(BetaVAEParams(beta=1.0, width=16), 0.5)
    assert abs(loss + elbo) < 1e-3
    assert abs(loss_of(BetaVAEParams(beta=5.0, width=16), 0.5)[0] - (loss + 4 * kl)) < 1e-3


def test_that_the_kl_term_is_drawn_to_a_capacity_that_grows_over_half_the_budget():
    for fraction, capacity in ((0.0, 0.0), (0.25, 5.0), (0.5, 10.0), (0.9, 10.0)):
        loss, elbo, kl = loss_of(BetaVAEParams(beta=3.0, capacity=10.0, width=16), fraction)
        assert abs(loss - (3 * abs(kl - capacity) - (elbo + kl))) < 1e-3


def test_that_a_traversal_sets_one_latent_and_keeps_the_others():
    model = BetaVAE(SIGNATURE, BetaVAEParams(latent=3, width=16)).eval()
    x = torch.randn(4, 2)
    with torch.no_grad():
        latents = model.encode(x)
        latents[:, 1] = 2.5
        expected = model.decode(latents)
    traversed = sample(model.samplers()["traverse"], 4, 0, {"sample": x}, {"unit": 1, "value": 2.5})
    torch.testing.assert_close(traversed, expected)
