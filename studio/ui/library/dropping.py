"""A model dropped on the Library."""

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.ui import theme

WORDS = "Drop it to look at it"


def dropped(data: QMimeData) -> str:
    """The one file or folder of this computer that is dropped; empty where it is none, or several."""
    paths = [url.toLocalFile() for url in data.urls()]
    return paths[0] if len(paths) == 1 else ""


class DropMark(QWidget):
    """Lies over `parent` while a file or folder is held above it.

    Signals:
        dropped: the path of what was let go.
    """

    dropped = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        parent.setAcceptDrops(True)
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QDragEnterEvent) and dropped(event.mimeData()):
            event.acceptProposedAction()
            self.show_over()
            return True
        if event.type() in (QEvent.Type.DragLeave, QEvent.Type.Drop):
            self.hide()
        if event.type() == QEvent.Type.Drop and isinstance(event, QDropEvent) and (path := dropped(event.mimeData())):
            event.acceptProposedAction()
            self.dropped.emit(path)
            return True
        return False

    def show_over(self) -> None:
        """Cover the parent."""
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.colour("ground", 0.8))
        painter.setPen(QPen(theme.colour("accent"), 2, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(12, 12, -12, -12), theme.RADIUS["panel"], theme.RADIUS["panel"])
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.strong("title"))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), WORDS)
