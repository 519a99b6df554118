"""Where a scene has something: a coarse grid that is learnt on the way, so that empty space costs nothing."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

DECAY = 0.6
FAINT = 0.01
PART = 4


class Occupancy(nn.Module):
    """Vertices of a grid over the cube [-1, 1]³ with the highest density seen near each of late.

    Density counts in full where a vertex and all its neighbours may be dense, and fades to nothing towards empty space and
    the sides of the cube. So rounding decides nothing: a place that is in or out by a hair counts next to nothing.

    Source: Müller et al., Instant Neural Graphics Primitives, 2022, appendix E.2, https://arxiv.org/abs/2201.05989

    Args:
        cells: along each axis.
    """

    def __init__(self, cells: int) -> None:
        super().__init__()
        self.cells = cells
        self.side = cells + 1
        self.register_buffer("density", torch.zeros(self.side**3))
        self.register_buffer("share", torch.ones(self.side**3))
        self.register_buffer("filled", torch.ones(cells**3, dtype=torch.bool))
        self.register_buffer("known", torch.zeros((), dtype=torch.bool))
        self.density: Tensor
        self.share: Tensor
        self.filled: Tensor
        self.known: Tensor
        self._settle(torch.ones(self.side**3, dtype=torch.bool))

    def holds(self, points: Tensor) -> Tensor:
        """Whether there may be something in the cell of each point (p, 3): (p,)."""
        cell = ((points + 1) * (self.cells / 2)).long().clamp(0, self.cells - 1)
        return self.filled[(cell[:, 0] * self.cells + cell[:, 1]) * self.cells + cell[:, 2]]

    def weigh(self, points: Tensor) -> Tensor:
        """By how much a density counts at points (p, 3), from 0 to 1: (p,)."""
        places, weights = corners(points, self.cells)
        index = (places[..., 0] * self.side + places[..., 1]) * self.side + places[..., 2]
        return (self.share[index] * weights).sum(1)

    @torch.no_grad()
    def update(self, density: Callable[[Tensor], Tensor], step: float) -> None:
        """Look at a quarter of the vertices, the first time at all.

        Args:
            density: of points (p, 3): (p,).
            step: the length over which a density has to show.
        """
        count = len(self.density)
        chosen = torch.randint(count, (count // PART,), device=self.density.device) if self.known else None
        vertices = torch.arange(count, device=self.density.device) if chosen is None else chosen
        near = self._places(vertices) + (torch.rand(len(vertices), 3, device=vertices.device) - 0.5) * (2 / self.cells)
        seen = torch.cat([density(part).float() for part in near.clamp(-1, 1).split(2**15)])
        self.density[vertices] = torch.maximum(DECAY * self.density[vertices], seen)
        self.known.fill_(True)
        opacity = 1 - torch.exp(-self.density * step)
        self._settle(opacity > torch.clamp(opacity.mean(), max=FAINT))

    def _places(self, vertices: Tensor) -> Tensor:
        x, y, z = vertices // self.side**2, vertices // self.side % self.side, vertices % self.side
        return torch.stack([x, y, z], dim=1) * (2 / self.cells) - 1

    def _settle(self, dense: Tensor) -> None:
        grid = dense.reshape(1, 1, self.side, self.side, self.side).float()
        inside = F.pad(F.max_pool3d(grid, 3, 1, 1)[:, :, 1:-1, 1:-1, 1:-1], (1, 1, 1, 1, 1, 1))
        self.share.copy_(inside.flatten())
        self.filled.copy_(F.max_pool3d(inside, 2, 1).flatten() > 0)


def corners(points: Tensor, cells: int) -> tuple[Tensor, Tensor]:
    """The corners of the cells in which points (p, 3) of [-1, 1]³ lie, (p, 8, 3), and their trilinear weights (p, 8)."""
    scaled = (points + 1) * (cells / 2)
    low = scaled.floor().clamp(0, cells - 1)
    share = (scaled - low)[:, None]
    which = torch.tensor([[k >> 2 & 1, k >> 1 & 1, k & 1] for k in range(8)], device=points.device)
    weights = torch.where(which > 0, share, 1 - share)
    return low.long()[:, None] + which, weights[..., 0] * weights[..., 1] * weights[..., 2]
