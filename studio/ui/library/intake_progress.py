"""How far a model from elsewhere is, and the way out."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.engine.intake import Intake
from studio.ui import measures, theme
from studio.ui.bar import Bar
from studio.ui.buttons import button
from studio.ui.panels import Line, caption
from studio.ui.status_strip import share_of

TAKING = "You can go on working: it is done by a process of its own, and the strip below tells how far it is."
LOOKING = "What was fetched of a model on the hub stays in the hub's own store, also where you cancel."


class IntakeProgress(QWidget):
    """Follows an `Intake`.

    Signals:
        cancelled: the user wants it to end.
    """

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = Line("", theme.strong())
        self.stage, self.time = caption(wrap=True), caption()
        self.bar = Bar(0)
        self._remark = caption(wrap=True)
        self.cancel_button = button("Cancel", self.cancelled.emit, glyph="close")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.title, self.bar, self.stage, self.time):
            column.addWidget(widget)
        column.addSpacing(4)
        column.addWidget(self.cancel_button)
        column.addSpacing(4)
        column.addWidget(self._remark)

    def show_title(self, title: str) -> None:
        """Show that a model is about to be looked at."""
        self._show(title, "beginning", 0.0, None)
        self._remark.clear()

    def show_intake(self, intake: Intake) -> None:
        """Show how far it is."""
        self._show(intake.title, _stage(intake), intake.seconds, share_of(intake))
        self._remark.setText(TAKING if intake.state == "taking" else LOOKING if intake.reference.hub else "")

    def _show(self, title: str, stage: str, seconds: float, share: float | None) -> None:
        self.title.setText(title)
        self.stage.setText(f"{stage[:1].upper()}{stage[1:]}")
        self.time.setText(measures.duration(int(seconds)) if seconds >= 1 else "")
        self.bar.show_share(share)


def _stage(intake: Intake) -> str:
    if not intake.done or not intake.total:
        return intake.what
    if intake.done < intake.total:
        return f"{intake.done} of {intake.total} graphs compared with torch: {intake.what}"
    return f"All {intake.total} graphs agree with torch; measuring how fast it is"
