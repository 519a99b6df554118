"""A saved sound for the screen."""

import wave
from pathlib import Path

import numpy as np

from studio.engine.rendering import Rendering
from studio.engine.spectrograms import spectrograms

LONGEST = 2**20


def saved_sound(path: Path) -> Rendering | None:
    """The beginning of a WAV file of 16-bit samples; None where it is none."""
    try:
        with wave.open(str(path)) as file:
            if file.getsampwidth() != 2 or file.getnchannels() != 1:
                return None
            rate, frames = file.getframerate(), file.readframes(LONGEST)
    except (OSError, EOFError, wave.Error):
        return None
    sound = np.frombuffer(frames[: len(frames) // 2 * 2], "<i2").astype("<f4")[None] / 32768
    spectra = spectrograms(sound, rate)
    return Rendering(
        kind="audio", count=1, pixels=sound.tobytes(), rate=rate, height=spectra.shape[1], width=spectra.shape[2],
        spectra=spectra.tobytes(),
    )  # fmt: skip
