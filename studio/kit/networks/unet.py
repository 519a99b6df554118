"""The convolutional U-Net of diffusion models."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.kit.networks.embedding import ClassEmbedding, TimeEmbedding


def groups(channels: int) -> int:
    """Groups for a group normalisation: at most 8, dividing the channels."""
    return next(count for count in (8, 4, 2, 1) if channels % count == 0)


class ResBlock(nn.Module):
    """Two convolutions with group norm, scaled and shifted by an embedding: (n, c, h, w) -> (n, d, h, w)."""

    def __init__(self, channels: int, out: int, embedding: int) -> None:
        super().__init__()
        self.norm1 = nn.GroupNorm(groups(channels), channels)
        self.conv1 = nn.Conv2d(channels, out, 3, padding=1)
        self.modulate = nn.Linear(embedding, 2 * out)
        self.norm2 = nn.GroupNorm(groups(out), out)
        self.conv2 = nn.Conv2d(out, out, 3, padding=1)
        self.skip = nn.Conv2d(channels, out, 1) if channels != out else nn.Identity()
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.modulate(F.silu(embedding))[:, :, None, None].split(h.shape[1], dim=1)
        return self.skip(x) + self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))


class Attention(nn.Module):
    """Self-attention over the pixels of a small picture: (n, c, h, w) -> the same."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(groups(channels), channels)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(n, 3, self.heads, c // self.heads, h * w).transpose(3, 4).unbind(1)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(2, 3).reshape(n, c, h, w)
        return x + self.out(mixed)


class UNet(nn.Module):
    """A picture at time (n,) in 0..1000 and class (n,) or None -> a picture: (n, c, h, w) -> (n, c, h, w).

    What modulates the blocks has `embedding` numbers; `style` (n, embedding) is added to it.

    Args:
        channels: of the picture.
        widths: channels at each resolution, each half the one before.
        blocks: residual blocks at each resolution.
        attention: whether the lowest resolution has self-attention.
        patch: pixels per side that are folded into channels first, which makes large pictures affordable.

    Source: Ronneberger et al., U-Net, 2015, https://arxiv.org/abs/1505.04597; Dhariwal and Nichol, Diffusion Models Beat
    GANs on Image Synthesis, 2021, https://arxiv.org/abs/2105.05233
    """

    def __init__(
        self, channels: int, widths: Sequence[int], blocks: int, classes: int = 0, *, attention: bool = True, patch: int = 1
    ) -> None:
        super().__init__()
        self.patch = patch
        channels *= patch**2
        self.embedding = embedding = 4 * widths[0]
        self.time = TimeEmbedding(embedding)
        self.label = ClassEmbedding(classes, embedding)
        self.first = nn.Conv2d(channels, widths[0], 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        skips, now = [widths[0]], widths[0]
        for level, width in enumerate(widths):
            for _ in range(blocks):
                self.down.append(ResBlock(now, width, embedding))
                now = width
                skips.append(now)
            if level + 1 < len(widths):
                self.down.append(_Downsample(now))
                skips.append(now)
        self.middle = nn.ModuleList([ResBlock(now, now, embedding), ResBlock(now, now, embedding)])
        self.attend = Attention(now, max(1, now // 32)) if attention else nn.Identity()
        for level, width in reversed(list(enumerate(widths))):
            for _ in range(blocks + 1):
                self.up.append(ResBlock(now + skips.pop(), width, embedding))
                now = width
            if level:
                self.up.append(_Upsample(now))
        self.last = nn.Sequential(nn.GroupNorm(groups(now), now), nn.SiLU(), nn.Conv2d(now, channels, 3, padding=1))

    def forward(self, x: Tensor, time: Tensor, labels: Tensor | None = None, style: Tensor | float = 0.0) -> Tensor:
        embedding = self.time(time) + self.label(labels, x.shape[0]) + style
        h = self.first(F.pixel_unshuffle(x, self.patch) if self.patch > 1 else x)
        skips = [h]
        for layer in self.down:
            h = layer(h, embedding)
            skips.append(h)
        h = self.middle[1](self.attend(self.middle[0](h, embedding)), embedding)
        for layer in self.up:
            h = layer(h if isinstance(layer, _Upsample) else torch.cat([h, skips.pop()], dim=1), embedding)
        out = self.last(h)
        return F.pixel_shuffle(out, self.patch) if self.patch > 1 else out


class _Downsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        return self.conv(x)


class _Upsample(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))
