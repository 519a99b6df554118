"""Sounds as pictures and back: logarithmic mel spectrograms and the Griffin-Lim algorithm, written as convolutions."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.space import Audio, Image

BANDS = 64
FOLD = 2
WINDOW_SECONDS = 0.032
OVERLAP = 4
QUIETEST = 5e-4
RANGE = -math.log10(QUIETEST) / 2
RIDGE = 1e-2
ITERATIONS = 6
MOMENTUM = 0.99
DAMPING = 0.5
NEARLY_ZERO = 1e-7
"""At 1e-8 and below the ONNX exporter takes a constant for zero and leaves the sum out."""


class Spectrogram(nn.Module):
    """Waveforms (n, 1, length) <-> pictures (n, 4, 32, frames / 2) in about [-1, 1]: 64 mel bands, low ones first, by frames,
    of which each square of 2 by 2 lies in the channels, so that a network has a quarter of the pixels to look at.

    A full-scale sine is 1, 66 dB below is -1. A frame is a quarter of the window of about 32 ms; their number is a multiple
    of 16, so that networks can halve it. Phases are not kept: `inverse` finds some that fit, in a few iterations only and from
    those of a fixed noise, and damped where waves cancel, because else a difference in the last digit would become audible.

    Source: Griffin and Lim, Signal Estimation from Modified Short-Time Fourier Transform, 1984,
    https://doi.org/10.1109/TASSP.1984.1164317; the momentum is from Perraudin et al., A Fast Griffin-Lim Algorithm, 2013,
    https://doi.org/10.1109/WASPAA.2013.6701851
    """

    def __init__(self, space: Audio) -> None:
        super().__init__()
        window = 2 ** max(3, round(math.log2(WINDOW_SECONDS * space.rate)))
        self.length, self.hop = space.length, window // OVERLAP
        self.frames = 16 * math.ceil(space.length / (16 * self.hop))
        self.bins = window // 2 + 1
        self.before = (window - self.hop) // 2
        bank = mel_bank(space.rate, self.bins)
        analysis, synthesis, hann = _kernels(window)
        overlap = F.conv_transpose1d(torch.ones(1, 1, self.frames), (hann**2).float()[None, None], stride=self.hop)
        for name, tensor in {
            "bank": bank, "unbank": _inverse(bank), "analysis": analysis, "synthesis": synthesis, "overlap": overlap,
        }.items():  # fmt: skip
            self.register_buffer(name, tensor.float(), persistent=False)
        self.bank: Tensor
        self.unbank: Tensor
        self.analysis: Tensor
        self.synthesis: Tensor
        self.overlap: Tensor
        noise = torch.randn(1, 1, self.frames * self.hop, generator=torch.Generator().manual_seed(0))
        waves = self._transform(noise)
        self.register_buffer("phases", waves / _magnitudes(waves).repeat(1, 2, 1), persistent=False)
        self.phases: Tensor

    @property
    def space(self) -> Image:
        """The space of the pictures."""
        return Image(height=BANDS // FOLD, width=self.frames // FOLD, channels=FOLD**2)

    def forward(self, x: Tensor) -> Tensor:
        magnitudes = _magnitudes(self._transform(F.pad(x, (0, self.frames * self.hop - self.length))))
        bands = torch.matmul(self.bank, magnitudes)
        return F.pixel_unshuffle(torch.log10(bands.clamp(min=QUIETEST))[:, None] / RANGE + 1.0, FOLD)

    def inverse(self, picture: Tensor) -> Tensor:
        """(n, 4, 32, frames / 2) -> (n, 1, length)."""
        levels = F.pixel_shuffle(picture, FOLD)[:, 0].clamp(-1.0, 1.0)
        magnitudes = torch.matmul(self.unbank, torch.pow(10.0, RANGE * (levels - 1.0)) - QUIETEST).clamp(min=0.0)
        return self._with_phases(magnitudes)[:, :, : self.length].clamp(-1.0, 1.0)

    def _with_phases(self, magnitudes: Tensor) -> Tensor:
        waves = magnitudes.repeat(1, 2, 1) * self.phases
        before = torch.zeros_like(waves)
        for _ in range(ITERATIONS):
            fitting = self._transform(self._untransform(waves))
            ahead = fitting + MOMENTUM * (fitting - before)
            size = torch.sqrt(_magnitudes(ahead) ** 2 + (DAMPING * magnitudes) ** 2) / math.sqrt(1 + DAMPING**2)
            waves = ahead * (magnitudes / size).repeat(1, 2, 1)
            before = fitting
        return self._untransform(waves)

    def _transform(self, x: Tensor) -> Tensor:
        """(n, 1, frames * hop) -> (n, 2 * bins, frames): real parts, then imaginary parts."""
        return F.conv1d(F.pad(x, (self.before, self.before)), self.analysis, stride=self.hop)

    def _untransform(self, waves: Tensor) -> Tensor:
        x = F.conv_transpose1d(waves, self.synthesis, stride=self.hop)[:, :, self.before : self.before + self.frames * self.hop]
        return x / self.overlap[:, :, self.before : self.before + self.frames * self.hop]


def mel_bank(rate: int, bins: int) -> Tensor:
    """Triangles on the mel scale that each average some frequencies up to rate / 2: (64, bins), rows sum to 1.

    No triangle is narrower than one frequency. Source: O'Shaughnessy, Speech Communication, 1987
    """
    spacing = rate / 2 / (bins - 1)
    highest = 2595 * math.log10(1 + rate / 2 / 700)
    centres = 700 * (10 ** (torch.linspace(0, highest, BANDS + 2, dtype=torch.float64) / 2595) - 1)
    below, above = (centres.diff()[part].clamp(min=spacing)[:, None] for part in (slice(0, -1), slice(1, None)))
    distance = torch.arange(bins, dtype=torch.float64) * spacing - centres[1:-1, None]
    bank = (1 - torch.where(distance < 0, -distance / below, distance / above)).clamp(min=0)
    return bank / bank.sum(1, keepdim=True)


def _inverse(bank: Tensor) -> Tensor:
    """(bins, 64), damped: neighbouring low bands see nearly the same frequencies."""
    return bank.T @ torch.linalg.inv(bank @ bank.T + RIDGE * torch.eye(len(bank), dtype=bank.dtype))


def _kernels(window: int) -> tuple[Tensor, Tensor, Tensor]:
    """The short-time Fourier transform and its inverse before overlaps are divided out, (2 * bins, 1, window), and the window."""
    hann = torch.hann_window(window, dtype=torch.float64)
    angles = 2 * math.pi / window * torch.arange(window // 2 + 1)[:, None] * (torch.arange(window) - window // 2)
    waves = torch.cat([torch.cos(angles), -torch.sin(angles)]) * hann
    twice = torch.full((window // 2 + 1, 1), 2.0, dtype=torch.float64)
    twice[0] = twice[-1] = 1.0
    loudness = hann.sum() / 2
    return (waves / loudness)[:, None], (waves * twice.repeat(2, 1) * loudness / window)[:, None], hann


def _magnitudes(waves: Tensor) -> Tensor:
    real, imaginary = waves.split(waves.shape[1] // 2, dim=1)
    return torch.sqrt(real**2 + imaginary**2 + NEARLY_ZERO)
