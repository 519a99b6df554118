"""The importance-weighted bound's own mathematics."""

import torch
from studio_vae.cards.iwae import IWAEParams
from studio_vae.iwae import IWAE
from studio_vae.latent_variable import log_mean_exp

from studio.api import Points, Signature


def model() -> IWAE:
    torch.manual_seed(0)
    return IWAE(Signature(space=Points(dimensions=2)), IWAEParams(latent=2, width=16, depth=1)).eval()


def test_that_more_draws_make_the_bound_tighter():
    iwae, x = model(), torch.randn(16, 2)
    with torch.no_grad():
        weights = iwae.log_weights(x, torch.randn(16, 4096, 2), None)
    bounds = [float(log_mean_exp(weights.reshape(-1, k)).mean()) for k in (1, 8, 64)]
    assert bounds[0] + 0.01 < bounds[1] < bounds[2]


def test_that_one_draw_is_the_evidence_lower_bound_on_average():
    iwae, x = model(), torch.randn(16, 2)
    noise = torch.randn(16, 512, 2)
    with torch.no_grad():
        sampled = iwae.log_weights(x, noise, None).mean(1)
        parts = [iwae.elbo(x, noise[:, k], None) for k in range(512)]
        analytic = torch.stack([likelihood - divergence for likelihood, divergence in parts]).mean(0)
    torch.testing.assert_close(sampled, analytic, atol=0.3, rtol=0.0)


def test_that_the_score_joins_its_draws_by_the_mean_of_their_weights():
    iwae, x = model(), torch.randn(3, 2)
    noise = torch.randn(3, 500, 2)
    with torch.no_grad():
        weights = torch.stack([iwae.log_weights(x, noise[:, k : k + 1], None)[:, 0] for k in range(500)], dim=1)
        torch.testing.assert_close(iwae.scores()["iwae_500"].score(x, noise, {}), weights.exp().mean(1).log())
