"""A run's values over its steps: thin lines, peak-preserving downsampling, no antialiasing."""

from collections import defaultdict

import pyqtgraph
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.api.events import Step
from studio.ui import theme
from studio.ui.buttons import chip
from studio.ui.panels import words

_HUES = ("diffusion", "ebm", "flow", "transformer", "autoregressive", "vae", "nerf", "gan")


class Curves(QWidget):
    """One line for each value that is logged."""

    def __init__(self) -> None:
        super().__init__()
        pyqtgraph.setConfigOptions(antialias=False)
        self._plot = pyqtgraph.PlotWidget()
        self._plot.setAccessibleName("Curves")
        self._plot.getPlotItem().setDownsampling(auto=True, mode="peak")
        self._plot.getPlotItem().setClipToView(True)
        self._plot.getPlotItem().hideButtons()
        self._plot.getPlotItem().setMenuEnabled(False)
        self._lines: dict[str, pyqtgraph.PlotDataItem] = {}
        self._points: dict[str, tuple[list[int], list[float]]] = defaultdict(lambda: ([], []))
        self._legend = QHBoxLayout()
        self._legend.setSpacing(12)
        self.log = chip("log", "Logarithmic scale", self._rescale)
        self.log.setCheckable(True)
        top = QHBoxLayout()
        top.addLayout(self._legend)
        top.addStretch(1)
        top.addWidget(self.log)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self._plot, 1)
        theme.changes.changed.connect(self._dress)
        self._dress()

    def clear(self) -> None:
        """Forget everything."""
        self._plot.clear()
        self._lines.clear()
        self._points.clear()
        while (item := self._legend.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()

    def add(self, steps: list[Step]) -> None:
        """Draw more steps; what was not finite leaves a gap."""
        for step in steps:
            for name, value in step.values.items():
                self._points[name][0].append(step.step)
                self._points[name][1].append(float("nan") if value is None else value)
        for name in {name for step in steps for name in step.values}:
            self._line(name).setData(*self._points[name])

    def _line(self, name: str) -> pyqtgraph.PlotDataItem:
        if name not in self._lines:
            hue = QColor(theme.family_style(_HUES[len(self._lines) % len(_HUES)]).hue)
            self._lines[name] = self._plot.plot(pen=pyqtgraph.mkPen(hue, width=1), connect="finite", name=name)
            label = words(f"━ {name.replace('_', ' ')}", theme.font("caption"))
            palette = label.palette()
            palette.setColor(label.foregroundRole(), hue)
            label.setPalette(palette)
            self._legend.addWidget(label)
        return self._lines[name]

    def _rescale(self) -> None:
        self._plot.setLogMode(y=self.log.isChecked())

    def _dress(self) -> None:
        self._plot.setBackground(theme.colour("panel"))
        item = self._plot.getPlotItem()
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(theme.colour("line"))
            axis.setTextPen(theme.colour("dim"))
            axis.setTickFont(theme.mono())
        item.getViewBox().setBorder(pyqtgraph.mkPen(theme.colour("line"), style=Qt.PenStyle.NoPen))
        item.showGrid(y=True, alpha=0.12)
