"""A page's short fade in: the ground's colour over it, thinning out."""

from PySide6.QtCore import QEasingCurve, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.ui import theme


class Veil(QWidget):
    """Lies over `parent` and lets clicks through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._fade = QVariantAnimation(self, startValue=1.0, endValue=0.0)
        self._fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._fade.valueChanged.connect(lambda _: self.update())
        self._fade.finished.connect(self.hide)
        self.hide()

    def lift(self) -> None:
        """Cover the parent and fade away; nothing with reduced motion."""
        if not theme.motion():
            return
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()
        self._fade.setDuration(theme.motion())
        self._fade.start()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(self.rect(), theme.colour("ground", float(self._fade.currentValue() or 0.0)))
