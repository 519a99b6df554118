"""Convolutional networks between a picture and a small map of latents."""

from itertools import pairwise

from torch import Tensor, nn
from torch.nn import functional as F

from studio.kit.networks.unet import groups


class Block(nn.Module):
    """Two normalised convolutions beside the identity: (n, c, h, w) -> the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups(channels), channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = nn.GroupNorm(groups(channels), channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        return x + self.conv2(F.silu(self.norm2(h)))


def widths(width: int, halvings: int) -> list[int]:
    """Channels after each halving."""
    return [width * (1 if k == 0 else 2) for k in range(halvings)]


def encoder(channels: int, outputs: int, width: int, depth: int, halvings: int) -> nn.Module:
    """(n, channels, h, w) -> (n, outputs, h / 2^halvings, w / 2^halvings); the first halving folds pixels into channels."""
    layers: list[nn.Module] = [nn.PixelUnshuffle(2), nn.Conv2d(4 * channels, width, 3, padding=1), *_blocks(width, depth)]
    for before, after in pairwise(widths(width, halvings)):
        layers += [nn.Conv2d(before, after, 3, stride=2, padding=1), *_blocks(after, depth)]
    fold = 2**halvings
    straight = nn.Sequential(nn.PixelUnshuffle(fold), nn.Conv2d(channels * fold**2, outputs, 1))
    return Shortcut(straight, nn.Sequential(*layers, *_last(widths(width, halvings)[-1], outputs)))


def decoder(channels: int, inputs: int, width: int, depth: int, halvings: int) -> nn.Module:
    """The way back of `encoder`, not bounded: (n, inputs, h, w) -> (n, channels, h 2^halvings, w 2^halvings)."""
    down = widths(width, halvings)[::-1]
    layers: list[nn.Module] = [nn.Conv2d(inputs, down[0], 3, padding=1), *_blocks(down[0], depth)]
    for before, after in pairwise(down):
        layers += [nn.Upsample(scale_factor=2.0), nn.Conv2d(before, after, 3, padding=1), *_blocks(after, depth)]
    fold = 2**halvings
    straight = nn.Sequential(nn.Conv2d(inputs, channels * fold**2, 1), nn.PixelShuffle(fold))
    return Shortcut(straight, nn.Sequential(*layers, *_last(down[-1], 4 * channels), nn.PixelShuffle(2)))


def _blocks(channels: int, depth: int) -> list[nn.Module]:
    return [Block(channels) for _ in range(depth)]


def _last(channels: int, outputs: int) -> list[nn.Module]:
    return [nn.GroupNorm(groups(channels), channels), nn.SiLU(), nn.Conv2d(channels, outputs, 3, padding=1)]


class Shortcut(nn.Module):
    """A network beside a linear map of folded pixels, so that a linear autoencoder is there from the start.

    Source: Chen et al., Deep Compression Autoencoder for Efficient High-Resolution Diffusion Models, 2024,
    https://arxiv.org/abs/2410.10733
    """

    def __init__(self, straight: nn.Module, network: nn.Sequential) -> None:
        super().__init__()
        self.straight = straight
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.straight(x) + self.network(x)
