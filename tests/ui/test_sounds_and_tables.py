"""Sounds that are clicked are played, or it is said why not; tables show their rows."""

import builtins
import io
import sys
import wave
from types import ModuleType

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QToolTip

from studio.api import Audio, Column, Table
from studio.engine.render import render
from studio.ui import drawing, listening, table_drawing
from studio.ui.gallery import Gallery
from studio.ui.library.sound_file import saved_sound

WAVES = (0.8 * np.sin(np.arange(4 * 4096) * 0.3)).reshape(4, 1, 4096).astype(np.float32)
SOUNDS = render(WAVES, Audio(rate=8000, length=4096))
COLUMNS = tuple(Column(name=f"column {k}", categories=("low", "high") if k == 9 else ()) for k in range(10))
ROWS = render(np.random.default_rng(0).standard_normal((40, 11)), Table(columns=COLUMNS))


def drawn(rendering, width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    drawing.paint(painter, QRectF(0, 0, width, height), rendering)
    painter.end()
    return image


def colours(image: QImage) -> int:
    return len({image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)})


@pytest.fixture
def without_media(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest, **named):
        if name == "PySide6.QtMultimedia":
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", refuse)


@pytest.mark.usefixtures("without_media")
def test_that_a_click_on_a_sound_says_what_is_missing(qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, widget: said.append(text))
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(300, 300)
    gallery.show_rendering(SOUNDS)
    qtbot.mouseClick(gallery, Qt.MouseButton.LeftButton, pos=QPoint(80, 130))
    assert gallery.selected is not None
    assert said == [listening.MISSING]
    assert "generative-studio[media]" in said[0]


def test_that_the_sound_that_was_clicked_is_played(monkeypatch: pytest.MonkeyPatch) -> None:
    media, played = ModuleType("PySide6.QtMultimedia"), list[bytes]()
    media.QMediaDevices = type("QMediaDevices", (), {"audioOutputs": staticmethod(lambda: [object()])})
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", media)
    monkeypatch.setattr(listening, "_players", [type("Deaf", (), {"play": lambda self, wav: played.append(wav)})()])
    assert listening.play(SOUNDS, 2) == ""
    with wave.open(io.BytesIO(played[0])) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32767
    assert np.allclose(heard, WAVES[2, 0], atol=1e-4)
    media.QMediaDevices.audioOutputs = staticmethod(list)
    assert listening.play(SOUNDS, 0) == listening.SILENT


def test_that_a_sound_shows_its_spectrogram_where_there_is_room(qtbot) -> None:
    assert colours(drawn(SOUNDS, 300, 300)) > colours(drawn(SOUNDS, 300, 20)) + 5


def test_that_a_table_shows_the_rows_that_fit_and_each_can_be_chosen(qtbot) -> None:
    area = QRectF(0, 0, 300, 300)
    rows = table_drawing.rows(ROWS, area)
    assert len(rows) == int((300 - table_drawing.HEAD - table_drawing.BARS) // table_drawing.ROW)
    assert drawing.tiles(ROWS, area) == rows
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(306, 306)
    gallery.show_rendering(ROWS)
    qtbot.mouseClick(gallery, Qt.MouseButton.LeftButton, pos=rows[3].center().toPoint() + QPoint(3, 3))
    assert gallery.selected == 3
    assert colours(drawn(ROWS, 300, 300)) > 3


def test_that_fewer_sounds_keep_their_own_spectrograms() -> None:
    few = drawing.first(SOUNDS, 2)
    assert (few.count, len(few.pixels), len(few.spectra)) == (2, len(SOUNDS.pixels) // 2, len(SOUNDS.spectra) // 2)
    assert drawing.first(ROWS, 2) is ROWS


def test_that_a_saved_sound_is_seen_and_a_broken_one_is_not(tmp_path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(listening.wav_of(SOUNDS, 1))
    seen = saved_sound(path)
    assert seen is not None
    assert np.allclose(np.frombuffer(seen.pixels, "<f4"), WAVES[1, 0], atol=1e-3)
    path.write_bytes(b"RIFF")
    assert saved_sound(path) is None
