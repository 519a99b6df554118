"""The panel on the right: what the selected thing is, where it comes from, its numbers, and what can be done with it."""

import time
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.engine import ModelInfo
from studio.ui import theme
from studio.ui.buttons import button
from studio.ui.library.compositions import MOST_COMPARED
from studio.ui.library.lineage import lineage
from studio.ui.library.lineage_view import LineageView
from studio.ui.library.numbers import numbers
from studio.ui.library.things import Thing, told_date
from studio.ui.panels import Line, caption, scrolling, section, words

WIDTH = 340
HEADING = 38
VALUE = 21
NO_TITLES: Mapping[str, str] = {}


class Detail(QWidget):
    """Follows the selection on the wall.

    Signals:
        act: what is to be done with the selected things: "arena", "graph", "compare", "export", "delete", "folder".
        opened: an origin of the lineage was clicked.
    """

    act = Signal(str)
    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self.things: Sequence[Thing] = ()
        self.title = Line("", theme.strong("section"))
        self.when = caption(wrap=True)
        self.picture = QLabel()
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.lineage = LineageView()
        self.lineage.opened.connect(self.opened)
        self.trouble = words(wrap=True)
        self.buttons = {
            "arena": button("Open in the arena", lambda: self.act.emit("arena"), look="primary", glyph="arena"),
            "graph": button("Open as graph", lambda: self.act.emit("graph"), glyph="graph"),
            "compare": button("Compare", lambda: self.act.emit("compare"), glyph="arena"),
            "export": button("Export…", lambda: self.act.emit("export"), glyph="export"),
            "delete": button("Delete", lambda: self.act.emit("delete"), glyph="trash"),
        }
        self._rows = 0
        self._numbers = QWidget()
        self._grid = QGridLayout(self._numbers)
        self._lineage_title = section("Lineage")
        self._arrange()
        self.show_things((), (), None)

    def _arrange(self) -> None:
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.when)
        column.addWidget(self.trouble)
        column.addWidget(self.picture)
        self._actions = QGridLayout()
        self._actions.setSpacing(8)
        for made in self.buttons.values():
            made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        column.addLayout(self._actions)
        column.addSpacing(8)
        column.addWidget(self._lineage_title)
        column.addWidget(self.lineage)
        column.addSpacing(4)
        column.addWidget(self._numbers)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(page))

    def show_things(
        self, things: Sequence[Thing], models: Sequence[ModelInfo], pixmap: QPixmap | None, titles: Mapping[str, str] = NO_TITLES
    ) -> None:
        """Show the selected thing, or what can be done with several; `titles` are those of datasets."""
        self.things = things
        thing = things[0] if len(things) == 1 else None
        self.title.setText(thing.title if thing else f"{len(things)} selected" if things else "Nothing selected")
        self.when.setText(
            _when(thing) if thing else "" if things else "Select something to see where it comes from and its numbers."
        )
        self.when.setVisible(bool(self.when.text()))
        self._tell_trouble(thing.run.reason if thing and thing.run else "")
        self.show_picture(pixmap if thing else None)
        self._lineage_title.setVisible(thing is not None)
        self.lineage.setVisible(thing is not None)
        self.lineage.show_lineage(lineage(thing, models, titles) if thing else [])
        self._show_numbers(thing)
        self._show_actions(things)

    def show_picture(self, pixmap: QPixmap | None) -> None:
        """Show the selected thing's picture."""
        self.picture.setPixmap(pixmap or QPixmap())
        self.picture.setVisible(pixmap is not None)

    def _tell_trouble(self, reason: str) -> None:
        palette = self.trouble.palette()
        palette.setColor(self.trouble.foregroundRole(), theme.colour("bad_text"))
        self.trouble.setPalette(palette)
        self.trouble.setText(reason)
        self.trouble.setVisible(bool(reason))

    def _show_actions(self, things: Sequence[Thing]) -> None:
        one = things[0] if len(things) == 1 else None
        models = [thing for thing in things if thing.model]
        runs = [thing for thing in things if thing.run]
        possible = {
            "arena": bool(one and one.model),
            "graph": bool(one and (one.model or (one.picture and one.picture.graph))),
            "compare": 2 <= len(models) <= MOST_COMPARED,
            "export": bool(one and one.model),
            "delete": bool(things) and len(runs) == len(things),
        }
        shown = [name for name in self.buttons if things and (possible[name] or (name == "compare" and models))]
        for name, made in self.buttons.items():
            self._actions.removeWidget(made)
            made.setVisible(name in shown)
            made.setEnabled(possible[name])
        for place, name in enumerate(shown):
            row, side = divmod(place + 1, 2)
            self._actions.addWidget(self.buttons[name], row, side if place else 0, 1, 1 if place else 2)
        self.buttons["compare"].setToolTip(
            "" if possible["compare"] else "Select two to four models to compare them (Ctrl+click)."
        )

    def _show_numbers(self, thing: Thing | None) -> None:
        self._clear_numbers()
        for title, rows in numbers(thing) if thing else []:
            self._add_row(HEADING, words(title, theme.strong()))
            for name, value in rows:
                shown = Line(value, theme.mono())
                shown.setAlignment(Qt.AlignmentFlag.AlignRight)
                self._add_row(VALUE, caption(name), shown)
        self._numbers.setFixedHeight(sum(self._grid.rowMinimumHeight(row) for row in range(self._grid.rowCount())))

    def _clear_numbers(self) -> None:
        for row in range(self._grid.rowCount()):
            self._grid.setRowMinimumHeight(row, 0)
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._rows = 0

    def _add_row(self, height: int, name: QWidget, value: QWidget | None = None) -> None:
        self._grid.setRowMinimumHeight(self._rows, height)
        if value is None:
            self._grid.addWidget(name, self._rows, 0, 1, 2, Qt.AlignmentFlag.AlignBottom)
        else:
            self._grid.addWidget(name, self._rows, 0)
            self._grid.addWidget(value, self._rows, 1)
        self._rows += 1

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(0, 0, 1, self.height(), theme.colour("line"))


def _when(thing: Thing) -> str:
    kinds = "starter model" if thing.model and thing.model.starter else " and ".join(sorted(thing.kinds, reverse=True))
    when = "" if thing.created == 0 else told_date(thing.created, time.time())
    return " · ".join(filter(None, (kinds.capitalize(), when)))
