"""What keeps a discriminator or a generator smooth."""

import torch
from torch import Tensor, nn


def gradient_penalty(scores: Tensor, x: Tensor) -> Tensor:
    """Mean squared norm of the gradient of scores (n, 1) by samples (n, ...): R1 on real samples, R2 on generated ones.

    Source: Mescheder et al., Which Training Methods for GANs do actually Converge?, 2018, https://arxiv.org/abs/1801.04406
    """
    (gradient,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    return gradient.flatten(1).square().sum(1).mean()


def slope_penalty(critic: nn.Module, real: Tensor, fake: Tensor, labels: Tensor | None) -> Tensor:
    """Mean squared distance from 1 of the gradient's norm, at random places between real and generated samples.

    Source: Gulrajani et al., Improved Training of Wasserstein GANs, 2017, https://arxiv.org/abs/1704.00028
    """
    share = torch.rand(len(real), *(1,) * (real.dim() - 1), device=real.device)
    between = torch.lerp(fake, real, share).detach().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(between, labels).sum(), between, create_graph=True)
    return (gradient.flatten(1).norm(dim=1) - 1).square().mean()


def path_lengths(x: Tensor, styles: Tensor) -> Tensor:
    """How far samples x (n, ...) move in a random direction as their styles (n, layers, style) do: (n,).

    Source: Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2019, https://arxiv.org/abs/1912.04958
    """
    direction = torch.randn_like(x) / x[0, 0].numel() ** 0.5
    (gradient,) = torch.autograd.grad((x * direction).sum(), styles, create_graph=True)
    return gradient.square().sum(2).mean(1).sqrt()


def spectral_norm(network: nn.Module, kinds: tuple[type[nn.Module], ...] = (nn.Conv2d, nn.Linear)) -> None:
    """Bound the largest singular value of each layer of these kinds by one.

    Source: Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, https://arxiv.org/abs/1802.05957
    """
    for module in list(network.modules()):
        if isinstance(module, kinds):
            nn.utils.parametrizations.spectral_norm(module)


def orthogonality_penalty(network: nn.Module) -> Tensor:
    """Squared products of the weights of different outputs (or inputs, where those are fewer), summed; lengths stay free.

    Source: Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2018,
    https://arxiv.org/abs/1809.11096
    """
    weights = [module.weight.flatten(1) for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    products = [weight @ weight.T if len(weight) <= weight.shape[1] else weight.T @ weight for weight in weights]
    return torch.stack([(product - product.diag().diag()).square().sum() for product in products]).sum()
