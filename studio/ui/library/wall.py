"""The wall: every thing as a tile, walked with arrow keys, several chosen with Ctrl or Shift."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from studio.ui import theme
from studio.ui.library.things import Thing, told_date
from studio.ui.library.thumbnails import Thumbnails
from studio.ui.library.tile import Tile

Index = QModelIndex | QPersistentModelIndex


class Things(QAbstractListModel):
    """The things to show, in order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.things: Sequence[Thing] = ()

    def show_things(self, things: Sequence[Thing]) -> None:
        """Show other things."""
        self.beginResetModel()
        self.things = things
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.things)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        thing = self.things[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return thing.title
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return f"{' and '.join(sorted(thing.kinds))}, {told_date(thing.created, time.time())}"
        return thing if role == Qt.ItemDataRole.UserRole else None

    def changed(self, key: str) -> None:
        """Paint a thing again."""
        for row, thing in enumerate(self.things):
            if thing.key == key:
                self.dataChanged.emit(self.index(row), self.index(row))


class Wall(QListView):
    """Tiles that flow into as many columns as fit.

    Signals:
        chosen: the selected things.
    """

    chosen = Signal(list)

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._things = Things(self)
        self.setModel(self._things)
        self.setItemDelegate(Tile(thumbnails, self))
        self.setAccessibleName("Everything made")
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setSpacing(6)
        self.viewport().setAutoFillBackground(False)
        thumbnails.ready.connect(self._things.changed)
        theme.changes.changed.connect(self.viewport().update)
        self.selectionModel().selectionChanged.connect(lambda: self.chosen.emit(self.selected()))

    def selected(self) -> list[Thing]:
        """The selected things, in the order of the wall."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self._things.things[row] for row in rows]

    def things(self) -> Sequence[Thing]:
        """What is shown."""
        return self._things.things

    def show_things(self, things: Sequence[Thing]) -> None:
        """Show other things; those selected that are still there stay selected."""
        keys = [thing.key for thing in self.selected()]
        if list(things) != list(self._things.things):
            self._things.show_things(things)
            self.select(keys)
            self.chosen.emit(self.selected())

    def select(self, keys: Sequence[str]) -> None:
        """Select things by key."""
        wanted = [row for row, thing in enumerate(self._things.things) if thing.key in keys]
        self.selectionModel().clear()
        for row in wanted:
            index = self._things.index(row)
            self.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
