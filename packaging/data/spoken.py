"""Make resources/data/spoken_digits.npz: the ten digits spoken by espeak-ng in many voices.

Needs espeak-ng (Debian: apt-get install espeak-ng). Run: python packaging/data/spoken.py
"""

import io
import subprocess
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

TARGET = Path(__file__).parents[2] / "resources" / "data"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ACCENTS = ("en-gb", "en-us", "en-gb-scotland", "en-gb-x-rp", "en-029")
SPEAKERS = ("m1", "m2", "m3", "m4", "m7", "f1", "f2", "f3", "f4", "f5", "Alex", "Andrea", "Annie", "Michael")
RATE, LENGTH, LEAD = 8000, 4096, 160
SILENT, LOUDEST, MU = 0.02, 0.9, 255
LICENCE = """\
spoken_digits.npz: {count} recordings of the ten English digits, 8,000 Hz, {length} samples each, in {voices} synthetic voices.

Source: made by espeak-ng 1.51 (https://github.com/espeak-ng/espeak-ng) with packaging/data/spoken.py: {accents} accents,
{speakers} speakers, a speed and a pitch drawn for each voice from one seed.
Licence: CC0-1.0. What espeak-ng speaks is not a work derived from it, so its GPL-3.0 does not extend to these sounds.
Stored as 8-bit mu-law (ITU-T G.711 with mu = 255, without its bit inversion).
"""


def main() -> None:
    """Write the sounds (N, 4096) in mu-law and the digit of each (N,)."""
    rng = np.random.default_rng(0)
    sounds, labels = list[NDArray[np.uint8]](), list[int]()
    for accent in ACCENTS:
        for speaker in SPEAKERS:
            speed, pitch = int(rng.integers(150, 211)), int(rng.integers(30, 71))
            sounds += [_companded(_fitted(_spoken(word, f"{accent}+{speaker}", speed, pitch))) for word in DIGITS]
            labels += range(10)
    np.savez_compressed(TARGET / "spoken_digits.npz", sounds=np.stack(sounds), labels=np.array(labels, np.uint8))
    text = LICENCE.format(
        count=f"{len(sounds):,}", length=f"{LENGTH:,}", voices=len(ACCENTS) * len(SPEAKERS), accents=len(ACCENTS),
        speakers=len(SPEAKERS),
    )  # fmt: skip
    (TARGET / "spoken_digits.LICENCE.txt").write_text(text, "utf-8")
    print(f"spoken_digits: {len(sounds)} sounds, {(TARGET / 'spoken_digits.npz').stat().st_size} bytes")


def _spoken(word: str, voice: str, speed: int, pitch: int) -> NDArray[np.float64]:
    """The word at 8 kHz, the loudest sample at 0.9."""
    command = ["espeak-ng", "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", word]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    with wave.open(io.BytesIO(made)) as file:
        pulses, rate = np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()
    sound = resample_poly(pulses.astype(np.float64), RATE * 2 // 50, rate * 2 // 50)
    return sound * (LOUDEST / np.abs(sound).max())


def _fitted(sound: NDArray[np.float64]) -> NDArray[np.float64]:
    """From 20 ms before the first sound on, cut or filled with silence to 4,096 samples; the end is faded where it is cut."""
    loud = np.flatnonzero(np.abs(sound) > SILENT)
    kept = sound[max(0, loud[0] - LEAD) : loud[-1] + LEAD][:LENGTH]
    fade = np.ones(len(kept))
    fade[-LEAD:] = np.linspace(1, 0, LEAD)
    return np.pad(kept * fade, (0, LENGTH - len(kept)))


def _companded(sound: NDArray[np.float64]) -> NDArray[np.uint8]:
    curved = np.sign(sound) * np.log1p(MU * np.abs(sound)) / np.log1p(MU)
    return np.rint((curved + 1) * 127.5).astype(np.uint8)


if __name__ == "__main__":
    main()
