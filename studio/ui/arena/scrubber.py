"""One slider through the making of all samples, from noise to sample."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui import theme
from studio.ui.buttons import glyph_button
from studio.ui.panels import caption
from studio.ui.slider import Slider

_TICK, _SECONDS = 40, 1.8


class Scrubber(QWidget):
    """`moved` brings the position: 0 is noise, 1 the sample."""

    moved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.slider = Slider(name="From noise to sample")
        self.slider.set_value(1.0)
        self._play = glyph_button("play", "Watch samples appear", self._replay)
        self._timer = QTimer(self, interval=_TICK)
        self._timer.timeout.connect(self._advance)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for widget in (self._play, caption("noise")):
            row.addWidget(widget)
        row.addWidget(self.slider, 1)
        row.addWidget(caption("sample"))
        self.slider.moved.connect(self._scrub)

    def position(self) -> float:
        """Where the scrubber stands."""
        return self.slider.value()

    def _scrub(self, value: float) -> None:
        self._timer.stop()
        self.moved.emit(value)

    def _replay(self) -> None:
        self._go(0.0 if theme.motion() else 1.0)
        if theme.motion():
            self._timer.start()

    def _advance(self) -> None:
        self._go(min(1.0, self.position() + _TICK / 1000 / _SECONDS))
        if self.position() >= 1.0:
            self._timer.stop()

    def _go(self, value: float) -> None:
        self.slider.set_value(value)
        self.moved.emit(value)
