"""A folder of recordings: what is read, what is refused and why, and where the classes come from."""

import os
import wave
from pathlib import Path

import numpy as np
import pytest

from studio.api import Audio, Dataset, StudioError
from studio.engine.datasets.reference import open_dataset
from studio.engine.datasets.sound_folder import LENGTH, RATE, load_sounds

TONE = 440


def record(path: Path, seconds: float = 0.25, rate: int = 8000, width: int = 2, channels: int = 1, silence: float = 0.1) -> Path:
    """A sine of 440 Hz after a silence."""
    path.parent.mkdir(parents=True, exist_ok=True)
    times = np.arange(round(seconds * rate)) / rate
    sound = np.concatenate([np.zeros(round(silence * rate)), 0.5 * np.sin(2 * np.pi * TONE * times)])
    values = np.repeat(sound[:, None], channels, 1).ravel()
    if width == 1:
        data = (values * 127 + 128).astype(np.uint8).tobytes()
    else:
        data = (values * (2**31 - 1)).astype("<i4").view(np.uint8).reshape(-1, 4)[:, 4 - width :].tobytes()
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(data)
    return path


def told(dataset: Dataset) -> dict[str, str]:
    return {problem.file: problem.reason for problem in dataset.problems}


def pitch(sound: "np.ndarray[tuple[int], np.dtype[np.float32]]") -> float:
    return float(np.abs(np.fft.rfft(sound)).argmax() * RATE / len(sound))


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_that_pcm_of_any_rate_and_depth_is_heard_at_the_same_pitch(tmp_path: Path, rate: int, width: int) -> None:
    record(tmp_path / "a.wav", rate=rate, width=width, channels=2)
    dataset = load_sounds(tmp_path)
    assert dataset.signature.space == Audio(rate=RATE, length=LENGTH)
    assert dataset.train.shape == (1, 1, LENGTH)
    assert abs(dataset.train).max() == pytest.approx(0.9, abs=0.01)
    assert pitch(dataset.train[0, 0]) == pytest.approx(TONE, abs=3)


def test_that_a_sound_begins_just_after_its_silence(tmp_path: Path) -> None:
    record(tmp_path / "a.wav", silence=0.3)
    loud = np.flatnonzero(np.abs(load_sounds(tmp_path).train[0, 0]) > 0.1)
    assert 140 <= loud[0] <= 180


def test_that_subfolders_are_the_classes(tmp_path: Path) -> None:
    for name in ("high/1.wav", "high/2.wav", "low/1.wav"):
        record(tmp_path / name)
    dataset = load_sounds(tmp_path)
    assert dataset.signature.classes == ("high", "low")
    assert dataset.train_labels is not None
    assert len(dataset.train_labels) == 2


def test_that_the_word_before_an_underscore_is_the_class(tmp_path: Path) -> None:
    for digit in "07":
        for take in range(3):
            record(tmp_path / f"{digit}_anna_{take}.wav")
    assert load_sounds(tmp_path).signature.classes == ("0", "7")


@pytest.mark.parametrize("names", [("a.wav", "b_1.wav"), ("a_1.wav", "b_1.wav", "c_1.wav")])
def test_that_names_that_do_not_repeat_are_no_classes(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        record(tmp_path / name)
    assert load_sounds(tmp_path).signature.classes == ()


def test_that_broken_files_are_named_and_the_rest_is_used(tmp_path: Path) -> None:
    good = record(tmp_path / "good.wav").read_bytes()
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("no sound at all")
    (tmp_path / "cut.wav").write_bytes(good[:20])
    (tmp_path / "float.wav").write_bytes(good.replace(b"fmt \x10\x00\x00\x00\x01", b"fmt \x10\x00\x00\x00\x03"))
    (tmp_path / "fast.wav").write_bytes(good[:24] + (10**9).to_bytes(4, "little") + good[28:])
    record(tmp_path / "none.wav", seconds=0, silence=0)
    record(tmp_path / "silent.wav", seconds=0)
    os.mkfifo(tmp_path / "pipe.wav")
    dataset = load_sounds(tmp_path)
    assert len(dataset.train) == 1
    reasons = told(dataset)
    assert reasons["empty.wav"] == "it is empty"
    assert reasons["silent.wav"] == "it is silent"
    assert reasons["none.wav"] == "it holds no sound"
    assert "1000000000 Hz" in reasons["fast.wav"]
    assert "named pipe" in reasons["pipe.wav"]
    assert "cut short" in reasons["cut.wav"] or "WAV" in reasons["cut.wav"]
    assert "WAV file of PCM" in reasons["text.wav"]
    assert "WAV file of PCM" in reasons["float.wav"]


def test_that_data_cut_in_the_middle_is_used_as_far_as_it_goes(tmp_path: Path) -> None:
    good = record(tmp_path / "good.wav").read_bytes()
    (tmp_path / "half.wav").write_bytes(good[: len(good) * 2 // 3 + 1])
    assert len(load_sounds(tmp_path).train) + len(load_sounds(tmp_path).validation) == 2


def test_that_long_sounds_are_cut_and_told(tmp_path: Path) -> None:
    record(tmp_path / "long.wav", seconds=2)
    dataset = load_sounds(tmp_path)
    assert "1 sounds are longer than 0.51 s" in told(dataset)["…"]
    assert dataset.train[0, 0, -1] == 0
    assert not load_sounds(tmp_path, 20_000).problems


def test_that_a_folder_without_usable_sounds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("x")
    with pytest.raises(StudioError, match="None of the 1 files .* is a usable sound. a.wav: it is cut short"):
        load_sounds(tmp_path)
    with pytest.raises(StudioError, match="from 256 to 65536"):
        load_sounds(tmp_path, 10)


def test_that_a_folder_of_wav_files_is_sounds_and_a_single_one_is_refused(tmp_path: Path) -> None:
    path = record(tmp_path / "a.wav")
    assert open_dataset(f"{tmp_path}@1024", {}).signature.space == Audio(rate=RATE, length=1024)
    with pytest.raises(StudioError, match="a single sound. Give the folder"):
        open_dataset(str(path), {})


REAL = Path(__file__).parents[4] / "shared" / "data" / "spoken_digits"


@pytest.mark.skipif(not REAL.is_dir(), reason="the recordings of the Free Spoken Digit Dataset are not on this computer")
def test_that_real_recordings_have_ten_classes() -> None:
    dataset = load_sounds(REAL)
    assert dataset.signature.classes == tuple("0123456789")
    assert len(dataset.train) == 540
