"""The GAN's own mathematics."""

import torch
from studio_gan.cards.dcgan import DCGANParams
from studio_gan.dcgan import DCGAN, gradient_penalty

from studio.api import Image, Signature


def test_that_the_gradient_penalty_of_a_linear_critic_is_its_squared_slope():
    x = torch.randn(7, 3, requires_grad=True)
    slope = torch.tensor([1.0, -2.0, 2.0])
    torch.testing.assert_close(gradient_penalty((x @ slope)[:, None], x), torch.tensor(9.0))


def test_that_spectral_norm_bounds_every_layer_of_the_hinge_critic():
    torch.manual_seed(0)
    gan = DCGAN(Signature(space=Image(height=8, width=8, channels=1)), DCGANParams(loss="hinge", width=8))
    gan.train()
    for _ in range(30):
        gan.critic(torch.randn(4, 1, 8, 8))
    weights = [m.weight for m in gan.critic.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    assert weights
    for weight in weights:
        assert torch.linalg.matrix_norm(weight.flatten(1), 2) < 1.1
