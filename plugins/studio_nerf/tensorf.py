"""TensoRF: a scene as sums of planes times lines, refined from a coarse grid to a fine one."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Signature

from .cards.tensorf import TensoRFParams
from .encoding import positional
from .radiance import RadianceField, weights_of
from .rendering import Field

PLANES, LINES = ((0, 1), (0, 2), (1, 2)), (2, 1, 0)
OCTAVES, FEATURES = 2, 27
EMPTY, SHARPNESS = -8.0, 25.0
REFINED = (0.1, 0.2, 0.3, 0.4)


class TensoRF(RadianceField):
    """Density and appearance decomposed into vectors and matrices (VM); a small network turns features into colours.

    The grid grows in four rounds, evenly in the logarithm of its size. The grid of empty space that all methods here share
    takes the place of the paper's alpha mask.

    Source: Chen et al., TensoRF: Tensorial Radiance Fields, 2022, https://arxiv.org/abs/2203.09517
    """

    def __init__(self, signature: Signature, params: TensoRFParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, params.samples, params.cells)
        self.field = VectorMatrixField(params)
        self.sizes = [round(params.coarse * (params.resolution / params.coarse) ** (k / len(REFINED))) for k in range(5)]

    def groups(self) -> list[dict[str, Any]]:
        field = self.field
        return [
            {"params": weights_of(field.densities, field.looks), "lr": self.params.grid_rate},
            {"params": weights_of(field.basis, field.network), "lr": self.params.learning_rate},
        ]

    def refine(self, fraction: float) -> bool:
        size = self.sizes[sum(fraction >= due for due in REFINED)]
        if size == self.field.densities.size:
            return False
        self.field.densities.resize(size)
        self.field.looks.resize(size)
        return True

    def penalty(self) -> Tensor:
        return self.params.sparsity * sum(weight.abs().mean() for weight in self.field.densities.parameters())


class VectorMatrix(nn.Module):
    """Three planes times three lines across them, on a grid over the cube that can be made finer.

    Args:
        components: of each of the three products.
        size: of the grid along each axis.
    """

    def __init__(self, components: int, size: int) -> None:
        super().__init__()
        self.planes = nn.Parameter(0.1 * torch.randn(3, components, size, size))
        self.lines = nn.Parameter(0.1 * torch.randn(3, components, size, 1))
        self.register_load_state_dict_pre_hook(self._fit)

    @property
    def size(self) -> int:
        """Of the grid along each axis."""
        return self.planes.shape[2]

    def forward(self, points: Tensor) -> Tensor:
        """The products at points (p, 3): (3 * components, p)."""
        across = torch.stack([points[:, pair] for pair in PLANES])[:, :, None]
        along = torch.stack([points[:, axis] for axis in LINES])[:, :, None, None]
        along = torch.cat([torch.zeros_like(along), along], dim=3)
        planes, lines = (
            F.grid_sample(grid, places, align_corners=True)[..., 0]
            for grid, places in ((self.planes, across), (self.lines, along))
        )
        return (planes * lines).flatten(0, 1)

    @torch.no_grad()
    def resize(self, size: int) -> None:
        """Interpolate to another grid."""
        shapes = {"planes": (size, size), "lines": (size, 1)}
        for name, shape in shapes.items():
            weight = getattr(self, name)
            weight.data = F.interpolate(weight.data, size=shape, mode="bilinear", align_corners=True)

    def _fit(self, _: nn.Module, state_dict: Mapping[str, Tensor], prefix: str, *rest: Any) -> None:
        """A checkpoint may hold a finer grid than a new field has."""
        self.resize(state_dict[f"{prefix}planes"].shape[2])


class VectorMatrixField(Field):
    """One decomposition for density, one for appearance."""

    def __init__(self, params: TensoRFParams) -> None:
        super().__init__()
        self.densities = VectorMatrix(params.density_components, params.coarse)
        self.looks = VectorMatrix(params.appearance_components, params.coarse)
        self.basis = nn.Linear(3 * params.appearance_components, FEATURES, bias=False)
        encoded = (FEATURES + 3) * (1 + 2 * OCTAVES)
        self.network = nn.Sequential(
            nn.Linear(encoded, params.width), nn.ReLU(), nn.Linear(params.width, params.width), nn.ReLU(),
            nn.Linear(params.width, 3),
        )  # fmt: skip

    def density(self, points: Tensor) -> tuple[Tensor, Tensor]:
        raw = self.densities(points).sum(0)
        return SHARPNESS * F.softplus(raw + EMPTY), raw[:, None]

    def colour(self, points: Tensor, features: Tensor, directions: Tensor) -> Tensor:
        seen = torch.cat([self.basis(self.looks(points).T), directions], dim=1)
        return torch.sigmoid(self.network(positional(seen, OCTAVES)))
