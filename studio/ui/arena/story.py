"""A sample's story: how it appeared, where it comes from, what was measured."""

from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.rendering import Rendering
from studio.ui import drawing, measures, theme
from studio.ui.arena import paths
from studio.ui.arena.tile import Tile
from studio.ui.buttons import button, glyph_button
from studio.ui.gallery import hear
from studio.ui.listening import wav_of
from studio.ui.panels import Badge, Card, Hairline, Line, caption, scrolling, words

WIDTH = 340


class Saved(NamedTuple):
    """How a kind of sample is kept: the words on the button, what such files are called, and their ending."""

    words: str
    files: str
    suffix: str


_PICTURE = Saved("Save picture…", "Pictures", "png")
_SAVED = {"texts": Saved("Save text…", "Text", "txt"), "audio": Saved("Save sound…", "Sounds", "wav")}


class Story(Card):
    """The panel at the right of the arena."""

    closed = Signal()
    graph_wanted = Signal(object)
    saved = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self._tile: Tile | None = None
        self._index = 0
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        self._inner = QWidget()
        self._fill_frame()
        outer.addWidget(scrolling(self._inner))

    def _fill_frame(self) -> None:
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(12)
        self._head = QHBoxLayout()
        self._title = Line("", theme.strong("section"))
        self._head.addWidget(self._title, 1)
        self._head.addWidget(glyph_button("close", "Close the story  Esc", self.closed.emit))
        column.addLayout(self._head)
        self._big = Sample()
        column.addWidget(self._big)
        self._strip = Strip()
        column.addWidget(self._strip)
        column.addLayout(self._make_buttons())
        column.addWidget(Hairline())
        self._facts = QVBoxLayout()
        self._facts.setSpacing(12)
        column.addLayout(self._facts)
        column.addStretch(1)

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.save_button = button("Save picture…", self._ask_where)
        row.addWidget(self.save_button)
        row.addWidget(button("Open as graph", lambda: self.graph_wanted.emit(self._tile)))
        return row

    def tell(self, tile: Tile, index: int) -> None:
        """Tell of sample `index` of a tile."""
        self._tile, self._index = tile, index
        self._title.setText(f"Sample {index + 1} of {tile.model.card.title}")
        kind = tile.frames[-1].kind if tile.frames else "pictures"
        self.save_button.setText(_SAVED.get(kind, _PICTURE).words)
        self._show_samples(tile)
        while (item := self._facts.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for part in (_lineage(tile), _table(_numbers(tile)), caption("Trained with"), _table(_params(tile))):
            self._facts.addWidget(part)

    def refresh(self, tile: Tile) -> None:
        """Follow new samples of the tile that is told of."""
        if tile is self._tile:
            self.tell(tile, self._index)

    def _show_samples(self, tile: Tile) -> None:
        if tile.frames:
            self._big.show_sample(tile.frames[-1], self._index, paths.in_one_frame(tile.frames))
            self._strip.show_frames(tile.frames, self._index)

    def _ask_where(self) -> None:
        if self._tile is None or not self._tile.frames:
            return
        saved = _SAVED.get(self._tile.frames[-1].kind, _PICTURE)
        name = f"{self._tile.model.card.method}-{self._tile.wish().seed}-{self._index}.{saved.suffix}"
        chooser = QFileDialog(self.window(), "Save the sample", name, f"{saved.files} (*.{saved.suffix})")
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.fileSelected.connect(self.save)
        chooser.open()

    def save(self, file: str) -> None:
        """Write the sample to a file."""
        if self._tile is None:
            return
        last = self._tile.frames[-1]
        if last.kind == "texts":
            Path(file).write_text(last.texts[self._index], "utf-8")
        elif last.kind == "audio":
            Path(file).write_bytes(wav_of(last, self._index))
        elif not drawing.sample_image(last, self._index).save(file):
            self.saved.emit("")
            return
        self.saved.emit(file)


class Sample(QWidget):
    """One sample, large, a point with its way from noise; a sound is played where it is clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._rendering: Rendering | None = None
        self._index = 0
        self._frames: list[Rendering] = []
        self.setFixedHeight(WIDTH - 36)

    def show_sample(self, rendering: Rendering, index: int, frames: list[Rendering]) -> None:
        """Show sample `index`, which came to be as `frames` show."""
        self._rendering, self._index, self._frames = rendering, index, frames
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._frames:
            paths.paint(painter, QRectF(self.rect()), self._frames, self._index)
        elif self._rendering is not None:
            drawing.paint_sample(painter, _fitted(self._rendering, QRectF(self.rect())), self._rendering, self._index)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._rendering is not None and self._rendering.kind == "audio":
            hear(self, self._rendering, self._index)


class Strip(QWidget):
    """A sample's way from noise, in up to seven pictures."""

    SIDE, COUNT = 38, 7

    def __init__(self) -> None:
        super().__init__()
        self._frames: list[Rendering] = []
        self._index = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_frames(self, frames: list[Rendering], index: int) -> None:
        """Show the trajectory of sample `index`; nothing where there is none to see."""
        last = max(1, min(self.COUNT, len(frames)) - 1)
        self._frames = [frames[round(k * (len(frames) - 1) / last)] for k in range(min(self.COUNT, len(frames)))]
        self._index = index
        self.setVisible(len(frames) > 2 and frames[-1].kind not in ("texts", "table"))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.COUNT * (self.SIDE + 6), self.SIDE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        for k, frame in enumerate(self._frames):
            place = QRectF(k * (self.width() - self.SIDE) / (self.COUNT - 1), 0, self.SIDE, self.SIDE)
            drawing.paint_sample(painter, _fitted(frame, place), frame, self._index)


def _fitted(rendering: Rendering, area: QRectF) -> QRectF:
    if rendering.kind != "pictures":
        return area
    scale = min(area.width() / rendering.width, area.height() / rendering.height)
    fitted = QRectF(0, 0, rendering.width * scale, rendering.height * scale)
    fitted.moveCenter(area.center())
    return fitted


def _lineage(tile: Tile) -> QWidget:
    card = tile.model.card
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(Badge(card.family))
    names = QVBoxLayout()
    names.setSpacing(0)
    names.addWidget(Line(f"{tile.dataset}  →  {card.method}", theme.font()))
    names.addWidget(Line(f"run {card.run} · step {measures.amount(card.step)}", theme.font("caption"), dim=True))
    row.addLayout(names, 1)
    return made


def _numbers(tile: Tile) -> list[tuple[str, str]]:
    card = tile.model.card
    rows = [("seed", str(tile.wish().seed))]
    rows += [(name.replace("_", " "), str(value)) for name, value in tile.wish().controls.items()]
    if tile.seconds is not None:
        rows.append(("time here", f"{measures.duration(tile.seconds)} · {tile.provider}"))
    if card.parity:
        rows.append(("largest difference from torch", f"{max(card.parity.values()):.1e}"))
    rows += [(f"time each, {name.replace('_', ' ')}", measures.duration(value / 1000)) for name, value in card.speed.items()]
    rows += [(name.replace("_", " "), f"{value:.4g}") for name, value in card.numbers.items()]
    return [*rows, ("weights", measures.amount(card.parameters)), ("size", measures.size(tile.model.size))]


def _params(tile: Tile) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), str(value)) for name, value in tile.model.card.params.items()]


def _table(rows: list[tuple[str, str]]) -> QWidget:
    made = QWidget()
    grid = QGridLayout(made)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setVerticalSpacing(4)
    for k, (name, value) in enumerate(rows):
        grid.addWidget(caption(name), k, 0)
        shown: QLabel = words(value, theme.mono())
        shown.setAlignment(Qt.AlignmentFlag.AlignRight)
        shown.setForegroundRole(QPalette.ColorRole.WindowText)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(shown, k, 1)
    grid.setColumnStretch(1, 1)
    return made
