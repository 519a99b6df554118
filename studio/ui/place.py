"""What the frame knows of a place: a page with a title, tools for the header, and wishes it cannot fulfil itself."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from studio.ui.bridge import Bridge


class Place(QWidget):
    """A page of the window, built when first shown.

    Signals:
        visit: another place is wanted, and what it should `receive`: ("train", "ddpm"), ("graph", Graph), ("arena", "run:ID").
        told: a notice to show: level ("info", "warning", "error"), words, details.
        subtitled: what the header shows behind the title, such as the dataset.
    """

    visit = Signal(str, object)
    told = Signal(str, str, str)
    subtitled = Signal(str)
    title = ""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bridge = bridge

    def tools(self) -> QWidget | None:
        """Controls for the header's right side."""
        return None

    def receive(self, what: object) -> None:
        """Take what another place sent: a model's reference, a method's id, a Graph."""

    def entered(self) -> None:
        """The place is shown."""

    def left(self) -> None:
        """Another place is shown."""
