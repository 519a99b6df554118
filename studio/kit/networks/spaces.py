"""The network that suits a space, so that one method file serves points, tables and pictures."""

import torch
from torch import Tensor, nn

from studio.api.errors import StudioError
from studio.api.space import Image, Points, Space, Table
from studio.kit.generator import require
from studio.kit.networks.autoencoder import ConvDecoder, ConvEncoder
from studio.kit.networks.embedding import ClassEmbedding
from studio.kit.networks.mlp import WAVES, PointDenoiser, ResidualMLP
from studio.kit.networks.unet import UNet

CLASS_WIDTH = 32


def widths(space: Image, width: int, patch: int = 1) -> list[int]:
    """Channels at each resolution: doubled while the picture can be halved and stays at least 4 pixels, up to 4 x."""
    levels = [width]
    size = min(space.height, space.width) // patch
    while size % 2 == 0 and size >= 8 and len(levels) < 3:
        size //= 2
        levels.append(min(2 * levels[-1], 4 * width))
    return levels


def halvings(space: Image, width: int) -> list[int]:
    """Channels after each halving, for encoders, decoders and critics."""
    count = next(k for k in (3, 2, 1, 0) if space.height % 2**k == 0 and space.width % 2**k == 0)
    return [width * 2 ** min(k, 2) for k in range(count)]


def denoiser(space: Space, width: int, depth: int, classes: int, patch: int = 1) -> nn.Module:
    """x like the space, time (n,) in 0..1000, labels (n,) or None -> like x; `patch` folds pixels of pictures together."""
    require(space, Points, Table, Image)
    if isinstance(space, Image):
        if space.height % patch or space.width % patch:
            raise StudioError(f"'patch' must divide the picture's {space.height}x{space.width} pixels; {patch} does not.")
        return UNet(space.channels, widths(space, width, patch), depth, classes, patch=patch)
    return PointDenoiser(space.shape[0], width, depth, classes)


class Encoder(nn.Module):
    """x like the space, labels (n,) or None -> (n, outputs); as a critic it has no normalisation across the batch.

    Args:
        waves: of points and table rows, see `ResidualMLP`.
    """

    def __init__(
        self, space: Space, outputs: int, width: int, depth: int, classes: int, waves: tuple[float, ...] = WAVES
    ) -> None:
        super().__init__()
        require(space, Points, Table, Image)
        inner = 4 * width if classes else outputs
        if isinstance(space, Image):
            self.network: nn.Module = ConvEncoder(space.channels, space.height, space.width, halvings(space, width), inner)
        else:
            self.network = ResidualMLP(space.shape[0], inner, width, depth, waves)
        self.label = ClassEmbedding(classes, inner)
        self.head = nn.Sequential(nn.SiLU(), nn.Linear(inner, outputs)) if classes else nn.Identity()

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        h = self.network(x)
        return self.head(h * (1 + self.label(labels, x.shape[0])))


class Decoder(nn.Module):
    """z (n, inputs), labels (n,) or None -> like the space; pictures are in [-1, 1]."""

    def __init__(self, space: Space, inputs: int, width: int, depth: int, classes: int) -> None:
        super().__init__()
        require(space, Points, Table, Image)
        self.bounded = isinstance(space, Image)
        self.label = ClassEmbedding(classes, CLASS_WIDTH) if classes else None
        inputs += CLASS_WIDTH if classes else 0
        if isinstance(space, Image):
            self.network: nn.Module = ConvDecoder(inputs, space.channels, space.height, space.width, halvings(space, width))
        else:
            self.network = ResidualMLP(inputs, space.shape[0], width, depth)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        if self.label is not None:
            z = torch.cat([z, self.label(labels, z.shape[0])], dim=1)
        x = self.network(z)
        return x.tanh() if self.bounded else x
