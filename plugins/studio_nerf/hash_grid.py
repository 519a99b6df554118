"""Hash grids: features at many resolutions in tables that are looked up by a hash of the place."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from studio.api import Signature

from .cards.hash_grid import HashGridParams
from .encoding import spherical
from .radiance import RadianceField, weights_of
from .rendering import Field

PRIMES = (1, 2_654_435_761, 805_459_861)
FEATURES, HARMONICS = 16, 16
EMPTY, LARGEST = -2.0, 12.0
SPREAD = 1e-4


class HashGrid(RadianceField):
    """The multiresolution hash encoding of instant-ngp in plain torch, with two small networks behind it.

    Source: Müller et al., Instant Neural Graphics Primitives with a Multiresolution Hash Encoding, 2022,
    https://arxiv.org/abs/2201.05989
    """

    def __init__(self, signature: Signature, params: HashGridParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, params.samples, params.cells)
        self.field = HashField(params)

    def groups(self) -> list[dict[str, Any]]:
        return [
            {"params": weights_of(self.field.encoding), "lr": self.params.learning_rate},
            {"params": weights_of(self.field.body, self.field.head), "lr": self.params.network_rate},
        ]


class HashEncoding(nn.Module):
    """Interpolated features of places, one table a resolution; a level whose corners all fit has a row for each.

    Args:
        levels: resolutions, growing geometrically.
        rows: of each table, a power of two.
        features: of each row.
        coarsest: cells along each axis of the first level.
        finest: of the last.
    """

    def __init__(self, levels: int, rows: int, features: int, coarsest: int, finest: int) -> None:
        super().__init__()
        growth = (finest / coarsest) ** (1 / max(1, levels - 1))
        cells = torch.tensor([int(coarsest * growth**level + 1e-6) for level in range(levels)])
        side = cells + 1
        self.rows = rows
        self.counted = int((side**3 <= rows).sum())
        self.table = nn.Parameter((2 * torch.rand(levels * rows, features) - 1) * SPREAD)
        self.register_buffer("cells", cells.float()[:, None], persistent=False)
        self.register_buffer("first", torch.arange(levels)[:, None, None, None] * rows, persistent=False)
        self.register_buffer("strides", torch.stack([side**2, side, side**0], dim=1)[: self.counted, None], persistent=False)
        self.register_buffer("primes", torch.tensor(PRIMES), persistent=False)
        self.cells: Tensor
        self.first: Tensor
        self.strides: Tensor
        self.primes: Tensor

    def forward(self, points: Tensor) -> Tensor:
        """Points (p, 3) of [-1, 1]³ -> features (p, levels * features)."""
        scaled = (points[:, None] + 1) * (self.cells / 2)
        low = torch.minimum(scaled.floor().clamp(min=0), self.cells - 1)
        share = scaled - low
        x, y, z = torch.stack([1 - share, share], dim=2).unbind(3)
        weights = x[:, :, :, None, None] * y[:, :, None, :, None] * z[:, :, None, None, :]
        rows = self.rows_of(low.long())
        found = self.table.index_select(0, rows.flatten()).unflatten(0, rows.shape)
        return (found * weights[..., None]).flatten(2, 4).sum(2).flatten(1)

    def rows_of(self, low: Tensor) -> Tensor:
        """Rows (p, levels, 2, 2, 2) of corners, from the lowest of each cell (p, levels, 3); hashed where not all fit."""
        ends = torch.stack([low, low + 1], dim=2)
        x, y, z = _across(ends[:, : self.counted] * self.strides)
        u, v, w = _across(ends[:, self.counted :] * self.primes)
        return torch.cat([x + y + z, (u ^ v ^ w) & (self.rows - 1)], dim=1) + self.first


def _across(ends: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Both ends along each axis (p, levels, 2, 3), ready to be combined to (p, levels, 2, 2, 2)."""
    x, y, z = ends.unbind(3)
    return x[:, :, :, None, None], y[:, :, None, :, None], z[:, :, None, None, :]


class HashField(Field):
    """A network from the encoding to density and features, one from these and the direction to colours."""

    def __init__(self, params: HashGridParams) -> None:
        super().__init__()
        self.encoding = HashEncoding(params.levels, 2**params.table_size, params.features, params.coarsest, params.finest)
        encoded = params.levels * params.features
        self.body = nn.Sequential(nn.Linear(encoded, params.width), nn.ReLU(), nn.Linear(params.width, FEATURES))
        self.head = nn.Sequential(
            nn.Linear(FEATURES + HARMONICS, params.width), nn.ReLU(), nn.Linear(params.width, params.width), nn.ReLU(),
            nn.Linear(params.width, 3),
        )  # fmt: skip

    def density(self, points: Tensor) -> tuple[Tensor, Tensor]:
        features = self.body(self.encoding(points))
        return torch.exp((features[:, 0].float() + EMPTY).clamp(max=LARGEST)), features

    def colour(self, points: Tensor, features: Tensor, directions: Tensor) -> Tensor:
        return torch.sigmoid(self.head(torch.cat([features, spherical(directions)], dim=1)))
