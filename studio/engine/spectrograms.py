"""Spectrograms to be looked at: loudness by frequency and time, as bytes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDEST = 64, 128
WINDOW_SECONDS = 0.032
RANGE = 60.0


def spectrograms(waves: NDArray[Any], rate: int) -> NDArray[np.uint8]:
    """Waveforms (n, t) -> (n, 64, frames), at most 128 frames: 255 is the loudest place of a sound, 0 is 60 dB below.

    The first row is half the rate, the last is 0 Hz.
    """
    window = 2 ** max(5, round(np.log2(WINDOW_SECONDS * rate)))
    hop = max(window // 4, -(-waves.shape[1] // WIDEST))
    padded = np.pad(np.asarray(waves, np.float32), ((0, 0), (window // 2, window // 2)))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)[:, ::hop]
    power = np.abs(np.fft.rfft(pieces * np.hanning(window).astype(np.float32), axis=2)) ** 2
    rows = _rows(power[:, :, 1:]).transpose(0, 2, 1)[:, ::-1]
    levels = 10 * np.log10(rows / np.maximum(rows.max((1, 2), keepdims=True), 1e-12) + 1e-12)
    return (255 * np.clip(1 + levels / RANGE, 0, 1)).astype(np.uint8)


def _rows(power: NDArray[Any]) -> NDArray[Any]:
    """Frequencies averaged, or repeated, to 64."""
    count = power.shape[2]
    if count % HEIGHT == 0:
        return power.reshape(*power.shape[:2], HEIGHT, count // HEIGHT).mean(3)
    return power[:, :, np.arange(HEIGHT) * count // HEIGHT]
