"""StyleGAN's generator: a mapping to styles, and a synthesis whose convolutions the styles modulate."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Space

from .networks import Columns, Level, pyramid

SLOPE = 0.2
GAIN = 2**0.5


class Equalised(nn.Module):
    """A linear layer whose weights are scaled when used, so that all learn equally fast: (n, inputs) -> (n, outputs).

    Source: Karras et al., Progressive Growing of GANs, 2017, https://arxiv.org/abs/1710.10196
    """

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self.gain, self.rate = rate / inputs**0.5, rate

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight * self.gain, self.bias * self.rate)


class Modulated(nn.Module):
    """A convolution whose inputs a style scales and whose outputs are scaled back to unit variance.

    (n, c, h, w), styles (n, style) -> (n, d, h, w). Scaling the data instead of the weights exports with any batch.

    Source: Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2019, https://arxiv.org/abs/1912.04958
    """

    def __init__(self, channels: int, out: int, kernel: int, style: int, *, demodulate: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, channels, kernel, kernel))
        self.style = Equalised(style, channels, bias=1.0)
        self.gain = (channels * kernel**2) ** -0.5
        self.demodulate = demodulate

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scale, weight = self.style(style), self.weight * self.gain
        y = F.conv2d(x * scale[:, :, None, None], weight, padding="same")
        if not self.demodulate:
            return y
        power = F.linear(scale.square(), weight.square().sum((2, 3)))
        return y * (power + 1e-8).rsqrt()[:, :, None, None]


class Layer(nn.Module):
    """A modulated convolution, noise of learned strength (n, 1, h, w), a leaky rectifier."""

    def __init__(self, channels: int, out: int, kernel: int, style: int) -> None:
        super().__init__()
        self.convolution = Modulated(channels, out, kernel, style)
        self.strength = nn.Parameter(torch.zeros(()))
        self.bias = nn.Parameter(torch.zeros(out, 1, 1))

    def forward(self, x: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        return F.leaky_relu(self.convolution(x, style) + self.strength * noise + self.bias, SLOPE) * GAIN


class Mapping(nn.Module):
    """Latents (n, latent) and labels (n,) or None to styles (n, style), with the mean style of each class on record.

    Source of the means by class: Dobler et al., Art Creation with Multi-Conditional StyleGANs, 2022,
    https://arxiv.org/abs/2202.11777
    """

    def __init__(self, latent: int, style: int, depth: int, classes: int) -> None:
        super().__init__()
        self.label = nn.Embedding(classes, latent) if classes else None
        sizes = [latent * (2 if classes else 1), *(style for _ in range(depth))]
        self.layers = nn.ModuleList(Equalised(a, b, rate=0.01) for a, b in pairwise(sizes))
        self.register_buffer("means", torch.zeros(max(1, classes), style))
        self.means: Tensor

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        x = _unit(z)
        if self.label is not None:
            x = torch.cat([x, _unit(self.label(labels))], dim=1)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), SLOPE) * GAIN
        return x

    def mean(self, labels: Tensor | None) -> Tensor:
        """The mean style, (1, style), or that of each sample's class, (n, style)."""
        return self.means if labels is None else self.means.index_select(0, labels)

    @torch.no_grad()
    def track(self, styles: Tensor, labels: Tensor | None, decay: float) -> None:
        """Move the mean of each class seen among styles (n, style) towards them."""
        labels = torch.zeros(len(styles), dtype=torch.int64, device=styles.device) if labels is None else labels
        member = F.one_hot(labels, len(self.means)).to(styles.dtype).T
        count = member.sum(1, keepdim=True)
        share = torch.where(count > 0, 1.0 - decay, 0.0)
        self.means.lerp_(member @ styles / count.clamp(min=1), share)


def _unit(x: Tensor) -> Tensor:
    return x * (x.square().mean(1, keepdim=True) + 1e-8).rsqrt()


class Synthesis(nn.Module):
    """A learned constant grown into a sample: styles (n, layers, style), noise (n, pixels) -> like the space.

    A point or a row is a picture of one pixel here: the same layers, modulated in the same way, without growth.
    """

    def __init__(self, space: Space, style: int, width: int, depth: int) -> None:
        super().__init__()
        picture = isinstance(space, Image)
        levels = pyramid(space, width)[::-1] if picture else [Level(width, 1, 1)] * depth
        kernel = 3 if picture else 1
        channels = space.shape[0]
        self.constant = nn.Parameter(torch.randn(levels[0]))
        self.blocks = nn.ModuleList(
            Block(before, level, channels, kernel, style) for before, level in pairwise([levels[0], *levels])
        )
        self.places = [(level.height, level.width) for level in levels for _ in range(2)]
        self.pixels = sum(height * width for height, width in self.places)
        self.columns = Columns(space)
        self.flat = not picture

    @property
    def layers(self) -> int:
        """Number of styles that a sample takes."""
        return len(self.places)

    def forward(self, styles: Tensor, noise: Tensor) -> Tensor:
        maps = [part.unflatten(1, (1, *size)) for part, size in zip(self.cut(noise), self.places, strict=True)]
        x, out = self.constant.expand(styles.shape[0], -1, -1, -1), styles.new_zeros(())
        for k, block in enumerate(self.blocks):
            x, out = block(x, out, styles[:, 2 * k], styles[:, 2 * k + 1], maps[2 * k : 2 * k + 2])
        return self.columns(out.flatten(1)) if self.flat else out

    def cut(self, noise: Tensor) -> Sequence[Tensor]:
        """The noise (n, pixels) of each layer."""
        return noise.split([height * width for height, width in self.places], dim=1)


class Block(nn.Module):
    """Two layers at one resolution, whose contribution is added to what was drawn so far at lower ones."""

    def __init__(self, before: Level, level: Level, channels: int, kernel: int, style: int) -> None:
        super().__init__()
        self.grows = level.height > before.height
        self.first = Layer(before.channels, level.channels, kernel, style)
        self.second = Layer(level.channels, level.channels, kernel, style)
        self.draw = Modulated(level.channels, channels, 1, style, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, x: Tensor, out: Tensor, a: Tensor, b: Tensor, maps: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        x = self.second(self.first(self.grown(x), a, maps[0]), b, maps[1])
        return x, self.draw(x, b) + self.bias + self.grown(out)

    def grown(self, x: Tensor) -> Tensor:
        """Twice as large where the resolution doubles; bilinear is the paper's filter."""
        return F.interpolate(x, scale_factor=2.0, mode="bilinear") if self.grows else x


class StyleGenerator(nn.Module):
    """Mapping and synthesis."""

    def __init__(self, space: Space, latent: int, style: int, mapping: int, width: int, depth: int, classes: int) -> None:
        super().__init__()
        self.mapping = Mapping(latent, style, mapping, classes)
        self.synthesis = Synthesis(space, style, width, depth)

    def forward(self, styles: Tensor, noise: Tensor) -> Tensor:
        return self.synthesis(styles, noise)
