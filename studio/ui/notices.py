"""Notices at the bottom right: they tell without interrupting, and hold the details for those who ask."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from studio.ui import glyphs, theme
from studio.ui.buttons import button, glyph_button
from studio.ui.panels import words

WIDTH = 380
_SECONDS = {"info": 6, "warning": 12}
_MARKS = {"info": ("info", "accent"), "warning": ("warning", "warn"), "error": ("error", "bad")}


class Notice(QWidget):
    """One message; errors stay until closed."""

    def __init__(self, level: str, text: str, details: str = "") -> None:
        super().__init__()
        self.level, self.text, self.details = level, text, details
        self.setFixedWidth(WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)
        column = QVBoxLayout(self)
        column.setContentsMargins(44, 12, 8, 12)
        column.setSpacing(8)
        top = QHBoxLayout()
        message = words(text, wrap=True)
        message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        top.addWidget(message, 1)
        top.addWidget(glyph_button("close", "Close this notice", self.close_notice, size=14), 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        if details:
            column.addLayout(self._detail_buttons())
            column.addWidget(self._pane)
        if level in _SECONDS:
            QTimer.singleShot(1000 * _SECONDS[level], self, self.close_notice)

    def _detail_buttons(self) -> QHBoxLayout:
        self._pane = QPlainTextEdit(self.details)
        self._pane.setReadOnly(True)
        self._pane.setFont(theme.mono("caption"))
        self._pane.setFixedHeight(180)
        self._pane.hide()
        self.details_button = button("Details", look="quiet", glyph="down")
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self._unfold)
        row = QHBoxLayout()
        row.addWidget(self.details_button)
        row.addWidget(button("Copy", self._copy, look="quiet", glyph="copy"))
        row.addStretch(1)
        return row

    def _unfold(self, on: bool) -> None:
        self._pane.setVisible(on)
        self.adjustSize()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(f"{self.text}\n\n{self.details}")

    def close_notice(self) -> None:
        """Take the notice away."""
        self.hide()
        self.deleteLater()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        glyph, token = _MARKS[self.level]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        glyphs.paint(painter, glyph, QRectF(14, 16, 18, 18), theme.colour(token), 2)


class Notices(QWidget):
    """Stacks notices in the corner of `parent`, newest at the bottom; five at most."""

    def __init__(self, parent: QWidget, bottom: int) -> None:
        super().__init__(parent)
        self._bottom = bottom
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        parent.installEventFilter(self)
        self.hide()

    def tell(self, level: str, text: str, details: str = "") -> Notice:
        """Show a notice; one that says the same is replaced."""
        for old in self.shown():
            if (old.level, old.text) == (level, text) or (len(self.shown()) >= 5 and old is self.shown()[0]):
                self._column.removeWidget(old)
                old.close_notice()
        notice = Notice(level, text, details)
        notice.installEventFilter(self)
        self._column.addWidget(notice)
        self._settle()
        return notice

    def shown(self) -> list[Notice]:
        """The notices on display, oldest first."""
        items = (self._column.itemAt(k) for k in range(self._column.count()))
        return [
            widget for item in items if item is not None and isinstance(widget := item.widget(), Notice) and not widget.isHidden()
        ]

    def _settle(self) -> None:
        self.setVisible(bool(self.shown()))
        self._column.activate()
        self.adjustSize()
        parent = self.parentWidget()
        self.move(parent.width() - self.width() - 16, parent.height() - self.height() - self._bottom - 12)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Hide, QEvent.Type.DeferredDelete):
            QTimer.singleShot(0, self, self._settle)
        return False
