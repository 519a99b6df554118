"""Numbers as waves, so that small networks can tell near places apart."""

import math

import torch
from torch import Tensor


def positional(x: Tensor, frequencies: int) -> Tensor:
    """x (p, d) itself, and sines and cosines of it with `frequencies` octaves: (p, d * (1 + 2 * frequencies)).

    Source: Mildenhall et al., NeRF, 2020, equation 4, https://arxiv.org/abs/2003.08934
    """
    octaves = math.pi * 2.0 ** torch.arange(frequencies, device=x.device)
    angles = (x[:, :, None] * octaves).flatten(1)
    return torch.cat([x, torch.sin(angles), torch.cos(angles)], dim=1)


def spherical(directions: Tensor) -> Tensor:
    """Real spherical harmonics up to degree three of unit directions (p, 3): (p, 16).

    Source: Sloan, Stupid Spherical Harmonics Tricks, 2008, https://www.ppsloan.org/publications/StupidSH36.pdf
    """
    x, y, z = directions.unbind(1)
    a, b, c = x * x, y * y, z * z
    return torch.stack([
        torch.full_like(x, 0.28209479), -0.48860251 * y, 0.48860251 * z, -0.48860251 * x,
        1.09254843 * x * y, -1.09254843 * y * z, 0.31539157 * (3 * c - 1), -1.09254843 * x * z, 0.54627421 * (a - b),
        -0.59004359 * y * (3 * a - b), 2.89061144 * x * y * z, -0.45704580 * y * (5 * c - 1), 0.37317633 * z * (5 * c - 3),
        -0.45704580 * x * (5 * c - 1), 1.44530572 * z * (a - b), -0.59004359 * x * (a - 3 * b),
    ], dim=1)  # fmt: skip
