"""What a model from elsewhere is and needs, before it is loaded; the user decides."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.api.params import Parameter
from studio.engine.intake import Intake, Sight
from studio.ui import measures, theme
from studio.ui.buttons import button
from studio.ui.fields import NumberField
from studio.ui.library.caution import Caution
from studio.ui.library.needs import Need
from studio.ui.panels import Badge, Line, caption, words

PAUSE = 350
REMEDY = "Close other programs, or try all the same: nothing else is harmed where it fails."
SEEN_AT_ONCE = "What the model sees at once; fewer tokens need less memory."
CONTEXT = Parameter(name="context", kind="integer", default=1024, minimum=1, unit="tokens", help=SEEN_AT_ONCE)


class SightView(QWidget):
    """Shows a `Sight`.

    Signals:
        wanted: take it in under this title.
        cancelled: leave it.
        context_changed: tokens that a language model is to see at once.
    """

    wanted = Signal(str)
    cancelled = Signal()
    context_changed = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._id = ""
        self._badge: QWidget | None = None
        self.kind, self.source = words("", theme.strong(), wrap=True), Line("", theme.font("caption"), dim=True)
        self.title = QLineEdit()
        self.title.setAccessibleName("Title")
        self.title.setMinimumHeight(28)
        self.context = NumberField(CONTEXT)
        self.context.setToolTip(SEEN_AT_ONCE)
        self.architecture, self.weights = Line("", theme.mono()), Line("", theme.mono())
        self.to_import, self.to_run = Need("Memory to take it in"), Need("Memory to run it")
        self.disk = Need("Disk")
        self.obstacles, self.unfit = Caution(), Caution()
        self.take_button = button("Take it in", self._want, look="primary")
        self.cancel_button = button("Cancel", self.cancelled.emit)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(self._head())
        column.addLayout(self._form())
        column.addWidget(self.unfit)
        for need in (self.to_import, self.to_run, self.disk):
            column.addWidget(need)
        column.addWidget(self.obstacles)
        column.addSpacing(4)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.take_button, 1)
        buttons.addWidget(self.cancel_button)
        column.addLayout(buttons)

    def _head(self) -> QHBoxLayout:
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self.kind)
        names.addWidget(self.source)
        self._top = QHBoxLayout()
        self._top.setSpacing(12)
        self._top.addLayout(names, 1)
        return self._top

    def _form(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        self._context_name = caption("Context")
        rows = (
            (caption("Title"), self.title), (self._context_name, self.context), (caption("Architecture"), self.architecture),
            (caption("Weights"), self.weights),
        )  # fmt: skip
        for row, (name, field) in enumerate(rows):
            grid.addWidget(name, row, 0)
            grid.addWidget(field, row, 1)
        return grid

    def _connect(self) -> None:
        self.title.textChanged.connect(lambda _: self._enable())
        self.title.returnPressed.connect(self._want)
        self.context.edited.connect(lambda _: self._edited())
        self.context.refused.connect(self.show_unfit)
        self._pause.timeout.connect(lambda: self.context_changed.emit(int(self.context.value())))

    def show_intake(self, intake: Intake) -> None:
        """Show what was seen; what the user typed of the same model stays."""
        sight = intake.sight
        if sight is None:
            return
        if intake.id != self._id:
            self._id = intake.id
            self.title.setText(intake.title or sight.title)
            self.context.set_value(sight.context)
            self.unfit.tell("")
            self._show_kind(sight)
        self._show_needs(sight)
        self._enable()

    def show_unfit(self, why: str) -> None:
        """Say why the context cannot be; nothing where it can."""
        self.unfit.tell(why)
        self._enable()

    def _show_kind(self, sight: Sight) -> None:
        if self._badge is not None:
            self._top.removeWidget(self._badge)
            self._badge.deleteLater()
        self._badge = Badge(sight.family, 36)
        self._top.insertWidget(0, self._badge, 0, Qt.AlignmentFlag.AlignTop)
        self.kind.setText(sight.opened_by)
        self.source.setText(sight.source)
        self.architecture.setText(sight.architecture)
        kinds = ", ".join(f"{measures.amount(count)} {kind}" for kind, count in sight.weights.items())
        self.weights.setText(kinds)
        for widget in (self.context, self._context_name):
            widget.setVisible(sight.context > 0)

    def _show_needs(self, sight: Sight) -> None:
        self.to_import.show_need(sight.memory_to_import, sight.memory_free)
        self.to_run.show_need(sight.memory_to_run, sight.memory_free)
        self.disk.show_need(sight.size, sight.disk_free)
        against = "; ".join(sight.obstacles)
        self.obstacles.tell(f"{against[:1].upper()}{against[1:]}. {REMEDY}" if against else "")
        self.take_button.setText("Take it in all the same" if against else "Take it in")

    def _edited(self) -> None:
        self._pause.start()
        self._enable()

    def _enable(self) -> None:
        settled = not self._pause.isActive() and self.unfit.isHidden()
        self.take_button.setEnabled(settled and bool(self.title.text().strip()))

    def _want(self) -> None:
        if self.take_button.isEnabled():
            self.wanted.emit(self.title.text().strip())
