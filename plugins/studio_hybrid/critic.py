"""A discriminator of one step of a diffusion: does this less noisy sample follow from that noisier one?"""

import torch
from torch import Tensor, nn

from studio.api import Image, Space
from studio.kit.networks.autoencoder import ConvEncoder
from studio.kit.networks.embedding import ClassEmbedding, TimeEmbedding
from studio.kit.networks.mlp import ResidualMLP
from studio.kit.networks.spaces import halvings

WAVES = (1.0, 2.0, 4.0, 8.0, 16.0)
"""Finer than a denoiser's: what is left to tell apart at the last step is narrow."""


class TransitionCritic(nn.Module):
    """x_{t-1} and x_t like the space, time (n,) in 0..1000, labels (n,) or None -> (n, 1); no normalisation across the batch.

    Source: Xiao et al., 2021, section 3.2, https://arxiv.org/abs/2112.07804
    """

    def __init__(self, space: Space, width: int, depth: int, classes: int) -> None:
        super().__init__()
        self.picture = isinstance(space, Image)
        inner = 4 * width if self.picture else width
        self.time = TimeEmbedding(inner)
        self.label = ClassEmbedding(classes, inner, dropout=0.0)
        if isinstance(space, Image):
            widths = halvings(space, width)
            self.network: nn.Module = ConvEncoder(2 * space.channels, space.height, space.width, widths, inner)
            self.head = nn.Sequential(nn.SiLU(), nn.Linear(inner, inner), nn.SiLU(), nn.Linear(inner, 1))
        else:
            self.network = ResidualMLP(2 * space.shape[0], 1, width, depth, WAVES)

    def forward(self, before: Tensor, x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        both = torch.cat([before, x], dim=1)
        embedding = self.time(time) + self.label(labels, x.shape[0])
        if self.picture:
            return self.head(self.network(both) * (1 + embedding))
        return self.network(both, embedding)
