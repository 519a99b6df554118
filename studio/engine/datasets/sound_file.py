"""One WAV file of unknown origin: checked before it is decoded, then made a short mono waveform of one rate and loudness."""

import io
import math
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.engine.datasets.regular_file import Unfit, read_regular_file

LARGEST_FILE = 64 * 2**20
RATES = range(1000, 384_001)
MOST_CHANNELS = 16
SILENT, LOUDEST, LEAD_SECONDS = 0.02, 0.9, 0.02


def read_sound(path: Path, rate: int, longest: int) -> NDArray[np.float32]:
    """The sound (t,) at `rate` Hz from just before it begins, at most `longest` samples and one; `Unfit` where it is none.

    PCM of 8 to 32 bits at any rate; channels are averaged, the loudest sample becomes 0.9.
    """
    data = read_regular_file(path, LARGEST_FILE)
    try:
        with wave.open(io.BytesIO(data)) as file:
            _check(file)
            frames = file.readframes(file.getnframes())
            sound, found = _mono(frames, file.getsampwidth(), file.getnchannels()), file.getframerate()
    except EOFError:
        raise Unfit("it is cut short") from None
    except (wave.Error, ValueError, ArithmeticError, RuntimeError) as error:
        raise Unfit(f"it is not a WAV file of PCM samples ({error})") from None
    loud = np.flatnonzero(np.abs(sound) > SILENT * np.abs(sound).max(initial=0.0))
    if not len(loud):
        raise Unfit("it is silent" if len(sound) else "it holds no sound")
    enough = math.ceil((longest + 1) * found / rate) + 1
    first = max(0, int(loud[0]) - round(LEAD_SECONDS * found))
    return _at_rate(sound[first : int(loud[-1]) + 1][:enough], found, rate)[: longest + 1]


def _check(file: wave.Wave_read) -> None:
    if file.getframerate() not in RATES:
        raise Unfit(f"its rate of {file.getframerate()} Hz is not between {RATES[0]} and {RATES[-1]}")
    if not 1 <= file.getnchannels() <= MOST_CHANNELS:
        raise Unfit(f"it has {file.getnchannels()} channels")


def _mono(frames: bytes, width: int, channels: int) -> NDArray[np.float64]:
    """PCM, little endian, as values in [-1, 1]."""
    whole = frames[: len(frames) // (width * channels) * width * channels]
    if width == 1:
        values = np.frombuffer(whole, np.uint8).astype(np.float64) - 128
    elif width == 3:
        padded = np.zeros((len(whole) // 3, 4), np.uint8)
        padded[:, 1:] = np.frombuffer(whole, np.uint8).reshape(-1, 3)
        values = padded.view("<i4")[:, 0] / 256
    else:
        values = np.frombuffer(whole, f"<i{width}").astype(np.float64)
    return values.reshape(-1, channels).mean(1) / 2 ** (8 * width - 1)


def _at_rate(sound: NDArray[np.float64], found: int, rate: int) -> NDArray[np.float32]:
    from scipy.signal import resample_poly

    shared = math.gcd(found, rate)
    resampled = sound if found == rate else resample_poly(sound, rate // shared, found // shared)
    return (resampled * (LOUDEST / np.abs(resampled).max())).astype(np.float32)
