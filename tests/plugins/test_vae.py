"""The VAE's own mathematics."""

import math

import torch
from studio_vae.cards.vae import VAEParams
from studio_vae.latent_variable import log_mean_exp
from studio_vae.vae import VAE

from studio.api import Image, Points, Signature
from studio.kit.logistic import discretised_logistic


def test_that_the_bound_is_below_the_marginal_likelihood_by_importance_sampling():
    torch.manual_seed(0)
    vae = VAE(Signature(space=Points(dimensions=2)), VAEParams(latent=2, width=16, depth=1)).eval()
    x = 0.3 * torch.randn(8, 2)
    with torch.no_grad():
        draws = [vae.elbo(x, torch.randn(8, 2), None) for _ in range(100)]
        elbo = torch.stack([likelihood - divergence for likelihood, divergence in draws]).mean(0)
        z = torch.randn(8000, 1, 2)
        squares = ((x - vae.decode(z[:, 0])[:, None]) / vae.output.log_sigma.exp()) ** 2
        likelihood = -0.5 * (squares + 2 * vae.output.log_sigma + math.log(2 * math.pi)).sum(2)
        marginal = torch.logsumexp(likelihood, 0) - math.log(8000)
        tighter = log_mean_exp(vae.log_weights(x, torch.randn(8, 2000, 2), None))
    assert (elbo < marginal + 0.1).all()
    torch.testing.assert_close(tighter, marginal, atol=0.15, rtol=0.0)


def test_that_the_kl_term_is_zero_where_the_posterior_is_the_prior():
    vae = VAE(Signature(space=Points(dimensions=2)), VAEParams(latent=3, width=16, depth=1))
    for weight in vae.encoder.parameters():
        torch.nn.init.zeros_(weight)
    _, divergence = vae.elbo(torch.randn(5, 2), torch.zeros(5, 3), None)
    torch.testing.assert_close(divergence, torch.zeros(5))


def test_that_the_probabilities_of_all_levels_of_a_pixel_sum_to_one():
    x = torch.linspace(-1, 1, 17)[:, None, None]
    mean, log_scale = torch.linspace(-1.5, 1.5, 7)[:, None], torch.tensor([-6.0, -3.0, 0.0])
    total = discretised_logistic(x, mean, log_scale, 17).exp().sum(0)
    torch.testing.assert_close(total, torch.ones(7, 3))


def test_that_a_pictures_likelihood_is_a_probability_whichever_deviation_it_has():
    picture = Image(height=2, width=2, channels=1, levels=2)
    every = torch.cartesian_prod(*[torch.tensor([-1.0, 1.0])] * 4).reshape(16, 1, 2, 2)
    for deviation in ("shared", "pixelwise"):
        vae = VAE(Signature(space=picture), VAEParams(latent=2, width=8, output_deviation=deviation))
        with torch.no_grad():
            total = vae.output.log_likelihood(every, torch.randn(1, 2).expand(16, 2), None).exp().sum()
        torch.testing.assert_close(total, torch.tensor(1.0))
