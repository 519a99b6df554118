"""NeRF: a scene in the weights of a perceptron, looked at first coarsely and then where something is."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Signature
from studio.kit.rays import Rays

from .cards.nerf import NeRFParams
from .encoding import positional
from .radiance import RadianceField, weights_of
from .rendering import Field, Marks, Seen, march, see, span

OCTAVES = 4
EMPTY, SHARPNESS = -6.0, 25.0
LEAST = 1e-2


class NeRF(RadianceField):
    """A perceptron of encoded places and directions, with a smaller one that tells it where to look.

    The coarse look takes equal steps; the fine one adds marks where the coarse one found something, and is the picture.
    Both learn from the squared error. Both skip what the grid of empty space rules out, which the paper did not.

    Source: Mildenhall et al., NeRF: Representing Scenes as Neural Radiance Fields for View Synthesis, 2020,
    https://arxiv.org/abs/2003.08934
    """

    crowded = 1.0
    """The fine look goes where the coarse one found something: in coarser steps it finds it in the wrong places."""

    def __init__(self, signature: Signature, params: NeRFParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, params.samples, params.cells)
        self.coarse = Perceptron(params.frequencies, params.coarse_width, params.coarse_layers)
        self.field = Perceptron(params.frequencies, params.width, params.layers)

    def groups(self) -> list[dict[str, Any]]:
        return [{"params": weights_of(self.coarse, self.field), "lr": self.params.learning_rate}]

    def looks(self, rays: Rays, samples: int, jitter: bool) -> Sequence[Seen]:
        n, fine = rays.origins.shape[0], self.params.fine_samples
        device = rays.origins.device
        shift = torch.rand(n, 1, device=device) if jitter else 0.5
        first = march(rays, samples, shift)
        coarse = see(self.coarse, self.occupancy, rays, first)
        within = torch.rand(n, fine, device=device) if jitter else torch.full((n, fine), 0.5, device=device)
        picks = (torch.arange(fine, device=device) + within) / fine
        found = inverse(first, coarse.weights.detach(), picks)
        second = stretches(torch.cat([first.times, found], dim=1), span(rays)[1])
        return coarse, see(self.field, self.occupancy, rays, second)


def inverse(marks: Marks, weights: Tensor, picks: Tensor) -> Tensor:
    """Distances (n, f) below which lie the shares `picks` (n, f) of the weight, which is even within each equal step (n, s)."""
    counted = torch.where(marks.widths > 0, weights + LEAST / weights.shape[1], 1e-9)
    share = counted / counted.sum(1, keepdim=True)
    upto = torch.cumsum(share, dim=1)
    step = (upto[:, None] < picks[:, :, None]).sum(2).clamp(max=weights.shape[1] - 1)
    within = ((picks - (upto - share).gather(1, step)) / share.gather(1, step)).clamp(0, 1)
    return marks.times.gather(1, step) + (within - 0.5) * (marks.times[:, 1:2] - marks.times[:, :1])


def stretches(times: Tensor, leave: Tensor) -> Marks:
    """Distances (n, s) in order, each standing for the way to the next and at most to where the ray leaves (n, 1)."""
    times = torch.sort(times, dim=1).values
    following = torch.cat([times[:, 1:], leave], dim=1)
    return Marks(times, (torch.minimum(following, leave) - times).clamp(min=0))


class Perceptron(Field):
    """Layers on an encoded place, which comes in again half-way where they are many; then density, and colour by direction.

    Args:
        frequencies: octaves of the encoding of places.
        width: units of a layer.
        layers: how many.
    """

    def __init__(self, frequencies: int, width: int, layers: int) -> None:
        super().__init__()
        self.frequencies = frequencies
        self.again = layers // 2 if layers > 4 else -1
        encoded = 3 * (1 + 2 * frequencies)
        inputs = [encoded if k == 0 else width + (encoded if k == self.again else 0) for k in range(layers)]
        self.layers = nn.ModuleList(nn.Linear(size, width) for size in inputs)
        self.density_head = nn.Linear(width, 1)
        self.bridge = nn.Linear(width, width)
        self.colour_head = nn.Sequential(
            nn.Linear(width + 3 * (1 + 2 * OCTAVES), width // 2), nn.ReLU(), nn.Linear(width // 2, 3)
        )  # fmt: skip

    def density(self, points: Tensor) -> tuple[Tensor, Tensor]:
        encoded = positional(points, self.frequencies)
        x = encoded
        for k, layer in enumerate(self.layers):
            x = F.relu(layer(torch.cat([x, encoded], dim=1) if k == self.again else x))
        return SHARPNESS * F.softplus(self.density_head(x).squeeze(1).float() + EMPTY), x

    def colour(self, points: Tensor, features: Tensor, directions: Tensor) -> Tensor:
        seen = torch.cat([self.bridge(features), positional(directions, OCTAVES)], dim=1)
        return torch.sigmoid(self.colour_head(seen))
