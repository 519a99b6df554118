"""The VAE's own mathematics."""

import math

import torch
from studio_vae.cards.vae import VAEParams
from studio_vae.vae import VAE

from studio.api import Points, Signature


def test_that_the_bound_is_below_the_marginal_likelihood_by_importance_sampling():
    torch.manual_seed(0)
    vae = VAE(Signature(space=Points(dimensions=2)), VAEParams(latent=2, width=16, depth=1)).eval()
    x = torch.randn(8, 2)
    with torch.no_grad():
        draws = [vae.elbo(x, torch.randn(8, 2), None) for _ in range(400)]
        elbo = torch.stack([likelihood - divergence for likelihood, divergence in draws]).mean(0)
        z = torch.randn(20_000, 1, 2)
        squares = ((x - vae.decoder(z[:, 0])[:, None]) / vae.log_sigma.exp()) ** 2
        likelihood = -0.5 * (squares + 2 * vae.log_sigma + math.log(2 * math.pi)).sum(2)
        marginal = torch.logsumexp(likelihood, 0) - math.log(20_000)
    assert (elbo < marginal + 0.1).all()


def test_that_the_kl_term_is_zero_where_the_posterior_is_the_prior():
    vae = VAE(Signature(space=Points(dimensions=2)), VAEParams(latent=3, width=16, depth=1))
    for weight in vae.encoder.parameters():
        torch.nn.init.zeros_(weight)
    _, divergence = vae.elbo(torch.randn(5, 2), torch.zeros(5, 3), None)
    torch.testing.assert_close(divergence, torch.zeros(5))
