"""Samples as files that other programs read."""

import csv
import io
import wave
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Picture

from studio.api import Audio, Column, Points, Space, StudioError, Table, Views
from studio.cli.output import picture, save
from studio.engine.render import render

TABLE = Table(columns=(Column(name="age", mean=40, deviation=10, decimals=0), Column(name="pet", categories=("cat", "dog, big"))))
ROWS = np.array([[1.0, 0.2, 0.9], [0.0, 0.8, 0.1]], np.float32)
SOUNDS = Audio(rate=8000, length=800)
WAVES = (0.5 * np.sin(np.arange(1600) * 0.3)).reshape(2, 1, 800).astype(np.float32)


def test_that_a_table_is_saved_as_csv_with_words_and_units(tmp_path: Path) -> None:
    save(ROWS, TABLE, tmp_path / "a.csv")
    assert list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text()))) == [["age", "pet"], ["50", "dog, big"], ["40", "cat"]]


def test_that_sounds_are_saved_one_after_the_other_with_a_gap(tmp_path: Path) -> None:
    save(WAVES, SOUNDS, tmp_path / "a.wav")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
    assert len(heard) == 2 * (800 + 2000)
    assert np.allclose(heard[:800], WAVES[0, 0], atol=1e-4)
    assert np.allclose(heard[2800:3600], WAVES[1, 0], atol=1e-4)
    assert not heard[800:2800].any()


def test_that_values_outside_the_scale_are_clipped_and_nothing_overflows(tmp_path: Path) -> None:
    save(np.array([[[2.0, -3.0, np.nan, 1.0]]]), Audio(rate=8000, length=4), tmp_path / "a.wav")
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert np.frombuffer(file.readframes(4), "<i2").tolist() == [32767, -32767, 0, 32767]


@pytest.mark.parametrize(("samples", "space"), [(WAVES, SOUNDS), (ROWS, TABLE)])
def test_that_sounds_and_tables_have_a_contact_sheet(tmp_path: Path, samples: np.ndarray, space: Space) -> None:
    save(samples, space, tmp_path / "a.png")
    with Picture.open(tmp_path / "a.png") as drawn:
        assert len(drawn.convert("RGB").getcolors(65_536) or ()) > 3
    assert picture(render(np.repeat(samples, 20, 0), space)).width > 100


VIEWS = Views(height=8, width=8, focal=8)


def test_that_a_film_has_a_frame_for_each_picture_and_begins_again(tmp_path: Path) -> None:
    shades = np.linspace(0.1, 0.9, 5, dtype=np.float32)
    save(np.tile(shades[:, None, None, None], (1, 3, 8, 8)), VIEWS, tmp_path / "a.gif")
    with Picture.open(tmp_path / "a.gif") as film:
        assert (film.n_frames, film.info["loop"], min(film.size) >= 256) == (5, 0, True)
        film.seek(4)
        assert film.convert("RGB").getpixel((100, 100)) == pytest.approx((230, 230, 230), abs=3)


@pytest.mark.skipif(find_spec("av") is not None, reason="PyAV is installed")
def test_that_an_mp4_file_says_what_it_needs(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"PyAV.*Choose .gif"):
        save(np.zeros((2, 3, 8, 8), np.float32), VIEWS, tmp_path / "a.mp4")


def test_that_an_ending_that_does_not_suit_is_refused_with_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"points can be saved as .png, .npz or .txt, not as '.wav'"):
        save(np.zeros((2, 2)), Points(dimensions=2), tmp_path / "a.wav")
    with pytest.raises(StudioError, match=r"table can be saved as .csv, .png"):
        save(ROWS, TABLE, tmp_path / "a.doc")
