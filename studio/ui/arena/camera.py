"""A camera that is dragged around a scene: the sliders follow, and the picture is coarse until the hand is at rest."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from studio.ui.forms import Form

DEGREES = 0.6
"""The camera's turn for a pixel of the mouse."""
NEARER = 0.999
"""The change of distance for an eighth of a degree of the wheel."""
COARSE = 16
"""While it moves, the picture is made with so many times fewer rays."""
REST = 250


class Camera(QObject):
    """Turns drags and the wheel over a view into the controls azimuth, elevation and distance of a form.

    Signals:
        moved: the form says something else now, or the camera came to rest.
        clicked: the mouse went down and up in one place.
    """

    moved = Signal()
    clicked = Signal()

    def __init__(self, view: QWidget, form: Form) -> None:
        super().__init__(view)
        self._view, self._form = view, form
        self._held: QPoint | None = None
        self._dragged = False
        self.moving = False
        self._rest = QTimer(self, singleShot=True, interval=REST)
        self._rest.timeout.connect(self._settle)
        view.installEventFilter(self)
        view.setCursor(Qt.CursorShape.OpenHandCursor)
        view.setToolTip("Drag to walk around the scene; turn the wheel to come nearer.")

    def controls(self) -> dict[str, Any]:
        """The form's values, with fewer rays while the camera moves."""
        values = self._form.values()
        return {**values, "steps": max(1, int(values["steps"]) // COARSE)} if self.moving else values

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QWheelEvent):
            self._go(distance=self._form.values()["distance"] * NEARER ** event.angleDelta().y())
            self._rest.start()
            return True
        return isinstance(event, QMouseEvent) and self._drag(event)

    def _drag(self, event: QMouseEvent) -> bool:
        place = event.position().toPoint()
        if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
            self._held, self._dragged = place, False
            self._view.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.type() == QEvent.Type.MouseMove and self._held is not None:
            way, self._held, self._dragged = place - self._held, place, True
            now = self._form.values()
            self._go(azimuth=now["azimuth"] - DEGREES * way.x(), elevation=now["elevation"] + DEGREES * way.y())
        elif event.type() == QEvent.Type.MouseButtonRelease and self._held is not None:
            self._held = None
            self._view.setCursor(Qt.CursorShape.OpenHandCursor)
            self._settle() if self._dragged else self.clicked.emit()
        else:
            return False
        return True

    def _go(self, **wanted: float) -> None:
        self.moving = True
        wanted = {name: self._within(name, value) for name, value in wanted.items()}
        self._form.set_values({"spread": 0.0, **wanted})
        self.moved.emit()

    def _within(self, name: str, value: float) -> float:
        parameter = self._form.field(name).parameter
        low, high = float(parameter.minimum or 0), float(parameter.maximum or 0)
        if name == "azimuth":
            return (value + 180) % 360 - 180
        return min(max(value, low), high)

    def _settle(self) -> None:
        if self.moving:
            self.moving = False
            self.moved.emit()
