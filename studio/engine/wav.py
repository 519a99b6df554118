"""Sounds as WAV files."""

import io
import wave
from typing import Any

import numpy as np
from numpy.typing import NDArray

GAP_SECONDS = 0.25


def encode_wav(waves: NDArray[Any], rate: int) -> bytes:
    """Waveforms (n, ..., t) in [-1, 1], one after the other with a quarter of a second between them, as 16-bit PCM."""
    sounds = np.clip(np.nan_to_num(np.asarray(waves, np.float32)), -1, 1).reshape(len(waves), -1)
    spaced = np.pad(sounds, ((0, 0), (0, round(GAP_SECONDS * rate)))) if len(sounds) > 1 else sounds
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(rate)
        written.writeframes(np.rint(spaced.ravel() * 32767).astype("<i2").tobytes())
    return file.getvalue()
