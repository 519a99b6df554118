"""The latent U-Net of Stable Diffusion: residual blocks that know the time, transformers that look at the words."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.kit.networks.embedding import TimeEmbedding
from studio.kit.networks.unet import ResBlock, groups

WIDTH_OF_A_HEAD = 32


class CrossAttention(nn.Module):
    """Queries from x (n, l, width), keys and values from a context (n, t, context) -> (n, l, width)."""

    def __init__(self, width: int, context: int) -> None:
        super().__init__()
        self.heads = max(1, width // WIDTH_OF_A_HEAD)
        self.query = nn.Linear(width, width, bias=False)
        self.key_value = nn.Linear(context, 2 * width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        q = self.query(x).unflatten(2, (self.heads, -1)).transpose(1, 2)
        k, v = self.key_value(context).unflatten(2, (2, self.heads, -1)).permute(2, 0, 3, 1, 4).unbind(0)
        return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))


class SpatialTransformer(nn.Module):
    """Self-attention, attention to the words and a gated perceptron over the places of a map: (n, c, h, w) -> the same."""

    def __init__(self, channels: int, context: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(groups(channels), channels)
        self.norms = nn.ModuleList(nn.LayerNorm(channels) for _ in range(3))
        self.among = CrossAttention(channels, channels)
        self.words = CrossAttention(channels, context)
        self.up = nn.Linear(channels, 4 * channels)
        self.down = nn.Linear(2 * channels, channels)
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)

    def forward(self, x: Tensor, words: Tensor) -> Tensor:
        height = x.shape[2]
        h = self.norm(x).flatten(2).transpose(1, 2)
        h = h + self.among(normed := self.norms[0](h), normed)
        h = h + self.words(self.norms[1](h), words)
        value, gate = self.up(self.norms[2](h)).unflatten(2, (2, -1)).unbind(2)
        h = h + self.down(value * F.gelu(gate))
        return x + self.out(h.transpose(1, 2).unflatten(2, (height, -1)))


class _Layer(nn.Module):
    def __init__(self, channels: int, out: int, embedding: int, context: int) -> None:
        super().__init__()
        self.block = ResBlock(channels, out, embedding)
        self.attend = SpatialTransformer(out, context)

    def forward(self, x: Tensor, embedding: Tensor, words: Tensor) -> Tensor:
        return self.attend(self.block(x, embedding), words)


class TextUNet(nn.Module):
    """Latents (n, c, h, w) at times (n,) in 0..1000 with words (n, t, context) -> (n, c, h, w).

    Every residual block is followed by a transformer, as the latents are small. The mean of the words is also added to the
    time embedding, as in GLIDE and SDXL, which is learned sooner than attention.

    Args:
        widths: channels at each resolution, each half the one before.
        blocks: residual blocks at each resolution.
        context: size of a word's vector.

    Source: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021,
    https://arxiv.org/abs/2112.10752; Nichol et al., GLIDE, 2021, https://arxiv.org/abs/2112.10741
    """

    def __init__(self, channels: int, widths: Sequence[int], blocks: int, context: int) -> None:
        super().__init__()
        embedding = 4 * widths[0]
        self.time = TimeEmbedding(embedding)
        self.pooled = nn.Linear(context, embedding)
        self.first = nn.Conv2d(channels, widths[0], 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        skips, now = [widths[0]], widths[0]
        for level, width in enumerate(widths):
            if level:
                self.down.append(nn.Conv2d(now, now, 3, stride=2, padding=1))
                skips.append(now)
            for _ in range(blocks):
                self.down.append(_Layer(now, width, embedding, context))
                now = width
                skips.append(now)
        self.middle = _Layer(now, now, embedding, context)
        for level, width in reversed(list(enumerate(widths))):
            for _ in range(blocks + 1):
                self.up.append(_Layer(now + skips.pop(), width, embedding, context))
                now = width
            if level:
                self.up.append(nn.Sequential(nn.Upsample(scale_factor=2.0), nn.Conv2d(now, now, 3, padding=1)))
        self.last = nn.Sequential(nn.GroupNorm(groups(now), now), nn.SiLU(), nn.Conv2d(now, channels, 3, padding=1))

    def forward(self, x: Tensor, time: Tensor, words: Tensor) -> Tensor:
        embedding = self.time(time) + self.pooled(words.mean(1))
        h = self.first(x)
        skips = [h]
        for layer in self.down:
            h = layer(h, embedding, words) if isinstance(layer, _Layer) else layer(h)
            skips.append(h)
        h = self.middle(h, embedding, words)
        for layer in self.up:
            h = layer(torch.cat([h, skips.pop()], dim=1), embedding, words) if isinstance(layer, _Layer) else layer(h)
        return self.last(h)
