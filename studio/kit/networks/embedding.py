"""Numbers and classes as vectors."""

import math

import torch
from torch import Tensor, nn


class TimeEmbedding(nn.Module):
    """Sinusoidal embedding of a time in 0..1000 followed by a small network: (n,) -> (n, width).

    Source: Vaswani et al., Attention Is All You Need, 2017, https://arxiv.org/abs/1706.03762; Ho et al., 2020.
    """

    def __init__(self, width: int, frequencies: int = 64) -> None:
        super().__init__()
        scale = torch.exp(-math.log(10_000) * torch.arange(frequencies // 2) / (frequencies // 2))
        self.register_buffer("scale", scale, persistent=False)
        self.scale: Tensor
        self.network = nn.Sequential(nn.Linear(frequencies, width), nn.SiLU(), nn.Linear(width, width))

    def forward(self, time: Tensor) -> Tensor:
        angles = time.float()[:, None] * self.scale
        return self.network(torch.cat([torch.cos(angles), torch.sin(angles)], dim=1))


class ClassEmbedding(nn.Module):
    """A vector for each class and one more, index `classes`, for "any": (n,) -> (n, width); zero where there are no classes.

    In training a class is replaced by "any" with probability `dropout`, which makes classifier-free guidance possible.
    Source: Ho and Salimans, Classifier-Free Diffusion Guidance, 2022, https://arxiv.org/abs/2207.12598
    """

    def __init__(self, classes: int, width: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.classes = classes
        self.dropout = dropout
        self.table = nn.Embedding(classes + 1, width) if classes else None

    def forward(self, labels: Tensor | None, n: int) -> Tensor | float:
        if self.table is None:
            return 0.0
        if labels is None:
            labels = torch.full((n,), self.classes, device=self.table.weight.device)
        if self.training:
            labels = torch.where(torch.rand(labels.shape, device=labels.device) < self.dropout, self.classes, labels)
        return self.table(labels)


def keep_classes(network: nn.Module) -> nn.Module:
    """The same network, no longer replacing classes at random: for methods that need every class, or do it themselves."""
    for module in network.modules():
        if isinstance(module, ClassEmbedding):
            module.dropout = 0.0
    return network
