"""Plays a sound where Qt's media part is installed and the computer has a sound output."""

import numpy as np
from PySide6.QtCore import QBuffer, QByteArray, QObject

from studio.engine.rendering import Rendering
from studio.engine.wav import encode_wav

MISSING = "Sounds are played by Qt's media part, which is not installed. Install it with: pip install 'generative-studio[media]'"
SILENT = "This computer has no sound output."


class Player(QObject):
    """Plays one sound at a time."""

    def __init__(self) -> None:
        from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer  # pyright: ignore[reportMissingModuleSource]

        super().__init__()
        self._output, self._player = QAudioOutput(self), QMediaPlayer(self)
        self._player.setAudioOutput(self._output)
        self._buffer: QBuffer | None = None

    def play(self, wav: bytes) -> None:
        """Play a WAV file, instead of what is being played."""
        self._player.stop()
        self._buffer = QBuffer(self)
        self._buffer.setData(QByteArray(wav))
        self._buffer.open(QBuffer.OpenModeFlag.ReadOnly)
        self._player.setSourceDevice(self._buffer)
        self._player.play()


_players: list[Player] = []


def play(rendering: Rendering, index: int) -> str:
    """Play sound `index` of an "audio" rendering; why that is not possible, empty where it is."""
    try:
        from PySide6.QtMultimedia import QMediaDevices  # pyright: ignore[reportMissingModuleSource]
    except ImportError:
        return MISSING
    if not QMediaDevices.audioOutputs():
        return SILENT
    if not _players:
        _players.append(Player())
    _players[0].play(wav_of(rendering, index))
    return ""


def wav_of(rendering: Rendering, index: int) -> bytes:
    """Sound `index` of an "audio" rendering as a WAV file."""
    waves = np.frombuffer(rendering.pixels, "<f4").reshape(rendering.count, -1)
    return encode_wav(waves[index : index + 1], rendering.rate)
