"""The energy network that both methods of the family learn: one unnormalised log-density for each class."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Space
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.insight import Insight, arrows, surface
from studio.kit.networks.embedding import TimeEmbedding
from studio.kit.networks.mlp import ResidualMLP
from studio.kit.networks.spaces import halvings
from studio.kit.sampler import Given

WAVES = (1.0, 2.0, 4.0)
CLASS_WEIGHT = 0.1
"""Of the cross entropy of the classes beside the density's loss: at full weight its steep logits spoil the density."""


class Energy(nn.Module):
    """Energies (n,) of samples (n, *space.shape), so that the density of a sample is proportional to exp(-energy).

    The network gives log p(x, class) up to one constant; the energy of no particular class sums over the classes. What it gives
    is held against the Gaussian that fits data of unit variance, which makes every energy a density that can be normalised.

    Args:
        noisy: whether the energies are of data with noise of a level that is passed.

    Source: Grathwohl et al., Your Classifier is Secretly an Energy Based Model and You Should Treat it Like One, 2019,
    https://arxiv.org/abs/1912.03263
    """

    def __init__(self, space: Space, width: int, depth: int, classes: int, *, noisy: bool = False) -> None:
        super().__init__()
        self.classes = classes
        outputs = max(1, classes)
        if isinstance(space, Image):
            self.network: nn.Module = ConvResidual(space, outputs, width, depth)
        else:
            self.network = ResidualMLP(space.shape[0], outputs, width, depth, WAVES)
        self.level = TimeEmbedding(width) if noisy else None

    def logits(self, x: Tensor, sigma: Tensor | None = None) -> Tensor:
        """log p(x, class) up to one constant for each noise level, (n, classes); `sigma` (n,) where the network is noisy."""
        if self.level is None or sigma is None:
            return self.network(x) - 0.5 * x.square().flatten(1).sum(1, keepdim=True)
        variance = (1 + sigma.square())[:, None]
        scaled = x / variance.sqrt().reshape(-1, *(1,) * (x.dim() - 1))
        return self.network(scaled, self.level(25 * sigma.log())) - 0.5 * scaled.square().flatten(1).sum(1, keepdim=True)

    def forward(self, x: Tensor, labels: Tensor | None = None, sigma: Tensor | None = None) -> Tensor:
        """Energies (n,) in nats; the label `classes`, or None, is any class."""
        logits = self.logits(x, sigma)
        if labels is None or not self.classes:
            return -logits.logsumexp(1)
        classes = torch.arange(self.classes, device=x.device)
        meant = (labels[:, None] == classes) | (labels[:, None] == self.classes)
        return -logits.masked_fill(~meant, -1e9).logsumexp(1)


class ConvResidual(nn.Module):
    """Convolutions without normalisation, halving the picture: (n, c, h, w), embedding (n, width) -> (n, outputs)."""

    def __init__(self, space: Image, outputs: int, width: int, depth: int) -> None:
        super().__init__()
        widths = halvings(space, width)
        self.first = nn.Conv2d(space.channels, width, 3, padding=1)
        self.blocks, self.down = nn.ModuleList(), nn.ModuleList()
        for before, after in zip([width, *widths], widths, strict=False):
            self.blocks.append(nn.ModuleList(_Block(before, width) for _ in range(depth)))
            self.down.append(nn.Conv2d(before, after, 4, stride=2, padding=1))
        self.last = nn.Linear((space.height * space.width >> 2 * len(widths)) * (widths or [width])[-1], outputs)

    def forward(self, x: Tensor, embedding: Tensor | None = None) -> Tensor:
        h = self.first(x)
        for blocks, down in zip(self.blocks, self.down, strict=True):
            for block in blocks:  # pyright: ignore[reportGeneralTypeIssues]
                h = block(h, embedding)
            h = down(F.silu(h))
        return self.last(F.silu(h).flatten(1))


class _Block(nn.Module):
    def __init__(self, channels: int, embedding: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.shift = nn.Linear(embedding, channels)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, embedding: Tensor | None) -> Tensor:
        h = self.conv1(F.silu(x))
        if embedding is not None:
            h = h + self.shift(F.silu(embedding))[:, :, None, None]
        return x + self.conv2(F.silu(h))


class EnergyScore(Score):
    """The energy in nats: low where the model expects data. Differences tell; the zero is the model's own."""

    higher_is_better = False

    def __init__(self, model: "EnergyBased") -> None:
        self.model = model
        self.inputs = (sample_port(model.space), *model.label_ports())

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        return self.model.energy(sample, given.get("label"))


class EnergyBased(Generator):
    """A generator with an energy of samples, exported with its gradient."""

    def energy(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Energies (n,) of samples (n, *space.shape) in nats."""
        raise NotImplementedError

    def gradient(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Of the energy by the samples, like x; it can be exported."""
        raise NotImplementedError

    def scores(self) -> Mapping[str, Score]:
        return {"energy": EnergyScore(self)}

    def insights(self) -> Mapping[str, Insight]:
        device = next(self.parameters()).device
        return {
            "energy": surface(self.energy, device),
            "downhill": arrows(lambda places: -self.gradient(places), device),
        }
