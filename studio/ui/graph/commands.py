"""What the keyboard and the menus do to the selection of a graph."""

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication

from studio.engine.graph.files import dump, parse
from studio.ui.graph.editing import Editing
from studio.ui.graph.scene import GraphScene

NUDGE = 24.0
FAR_NUDGE = 4


class Commands:
    """Edits of whatever is selected."""

    def __init__(self, scene: GraphScene, editing: Editing) -> None:
        self._scene = scene
        self._editing = editing

    def delete(self) -> None:
        """Take the selected nodes and links away."""
        for link, item in list(self._scene.links.items()):
            if item.isSelected():
                self._editing.disconnect(link)
        if selected := self._scene.selected():
            self._editing.remove(selected)

    def select_all(self) -> None:
        """Select every node."""
        self._scene.select(list(self._scene.nodes))

    def copy(self) -> None:
        """Put the selected nodes on the clipboard, as the text of a graph file."""
        if selected := self._scene.selected():
            QGuiApplication.clipboard().setText(dump(self._editing.copy(selected)))

    def cut(self) -> None:
        """Copy, then delete."""
        self.copy()
        self._editing.remove(self._scene.selected())

    def paste(self) -> None:
        """Add the nodes on the clipboard and select them.

        Raises:
            StudioError: there are none.
        """
        piece = parse(QGuiApplication.clipboard().text(), "What was copied")
        self._scene.select(self._editing.paste(piece))

    def duplicate(self) -> None:
        """Add copies of the selected nodes, fed alike, and select them."""
        if selected := self._scene.selected():
            self._scene.select(self._editing.duplicate(selected))

    def nudge(self, right: int, down: int, far: bool = False) -> None:
        """Move the selected nodes by one grid step, or four."""
        step = NUDGE * (FAR_NUDGE if far else 1)
        here = {id: self._scene.nodes[id].pos() for id in self._scene.selected()}
        self._editing.move({id: (at.x() + right * step, at.y() + down * step) for id, at in here.items()})

    def settle_moves(self) -> None:
        """Make an edit of the moves that the mouse has made."""
        places = {id: item.pos() for id, item in self._scene.nodes.items()}
        moved = {id: (at.x(), at.y()) for id, at in places.items() if (at.x(), at.y()) != self._editing.graph.node(id).position}
        if moved:
            self._editing.move(moved)

    def step(self, right: int, down: int) -> None:
        """Select the nearest node in a direction."""
        items = self._scene.nodes
        current = next(iter(self._scene.selected()), None) or next(iter(items), None)
        if current is None:
            return
        here = items[current].sceneBoundingRect().center()
        ahead = {id: _cost(item.sceneBoundingRect().center() - here, right, down) for id, item in items.items() if id != current}
        nearest = min(ahead, key=ahead.__getitem__, default=current)
        self._scene.select([nearest if ahead.get(nearest, math.inf) < math.inf else current])


def _cost(offset: QPointF, right: int, down: int) -> float:
    along = offset.x() * right + offset.y() * down
    aside = abs(offset.x() * down) + abs(offset.y() * right)
    return along + 2 * aside if along > 0 else math.inf
