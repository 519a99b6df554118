"""The panel on the right: the selected node's form, inputs, result, timing and errors."""

from pydantic import JsonValue
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.engine.engine import Why
from studio.ui import theme
from studio.ui.gallery import Gallery
from studio.ui.graph.catalog import numbered
from studio.ui.graph.editing import Editing
from studio.ui.graph.inputs import Inputs
from studio.ui.graph.look import Look
from studio.ui.graph.node_form import NodeForm
from studio.ui.graph.outcome import IDLE, Outcome
from studio.ui.graph.trouble import Trouble
from studio.ui.measures import duration, provider
from studio.ui.panels import Line, caption, scrolling, section, words

WIDTH = 320
KEYS = (
    ("Tab or /", "add a node"), ("Ctrl+Return", "run"), ("Ctrl+Z", "undo"), ("Ctrl+D", "duplicate"),
    ("Alt+arrows", "go to the next node"), ("Return", "edit the selected node"), ("F", "fit"), ("Space", "drag the canvas"),
)  # fmt: skip


class Inspector(QWidget):
    """Follows the selection of one graph.

    Signals:
        refused: why an input could not be linked.
    """

    refused = Signal(str)

    def __init__(self, editing: Editing, look: Look) -> None:
        super().__init__()
        self.editing = editing
        self.look = look
        self.node: str | None = None
        self._selected = 0
        self._why: Why | None = None
        self._outcome = IDLE
        self.title = Line("", theme.strong("section"))
        self.summary = caption(wrap=True)
        self.form = NodeForm()
        self.inputs = Inputs(editing)
        self.result = Gallery("")
        self.facts = caption(wrap=True)
        self.reason = caption(wrap=True)
        self.trouble = Trouble()
        self._sections = {name: section(name) for name in ("Settings", "Inputs", "Result")}
        self._idle = _Keys()
        self._arrange()
        self.form.edited.connect(self._edit)
        self.inputs.refused.connect(self.refused)
        self.show_nodes([])

    def _arrange(self) -> None:
        self.setMinimumWidth(WIDTH - 60)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        parts = [
            self.title, self.summary, self.trouble, self._sections["Settings"], self.form, self._sections["Inputs"], self.inputs,
            self._sections["Result"], self.result, self.facts, self.reason, self._idle,
        ]  # fmt: skip
        for part in parts:
            if part in self._sections.values():
                column.addSpacing(8)
            column.addWidget(part)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(page))

    def show_nodes(self, ids: list[str]) -> None:
        """Show the one selected node, or say how many there are."""
        self.node = ids[0] if len(ids) == 1 else None
        self._selected = len(ids)
        self._why = None
        self.refresh()

    def refresh(self) -> None:
        """Show the selected node as it is now."""
        graph = self.editing.graph
        node = next((node for node in graph.nodes if node.id == self.node), None)
        if node is None:
            self._show_none()
            return
        self._idle.hide()
        type = self.editing.catalog.of(graph, node)
        self.title.setText(numbered(self.editing.catalog, graph, node))
        self.summary.setText(type.summary)
        self.form.show_node(node, type, self.look.cards(graph).get(node.id), self.look.models, self.look.catalog.datasets)
        self.inputs.show_node(node.id)
        self._reveal(bool(type.parameters), (self.form, self._sections["Settings"]))
        self._reveal(bool(type.inputs), (self.inputs, self._sections["Inputs"]))
        self._show_outcome()

    def _show_none(self) -> None:
        parts = (self.form, self.inputs, *self._sections.values(), self.result, self.facts, self.reason, self.trouble)
        self._reveal(False, parts)
        self.title.setText(f"{self._selected} nodes selected" if self._selected else "Nothing selected")
        self.summary.setText("" if self._selected else "Select a node to see its form and its result.")
        self._idle.setVisible(not self._selected)

    def show_outcome(self, outcome: Outcome) -> None:
        """Show another state of the selected node's execution."""
        if outcome != self._outcome:
            self._outcome = outcome
            if self.node is not None:
                self._show_outcome()

    def explain(self, why: Why) -> None:
        """Say why the node runs again or not."""
        if why.node == self.node:
            self._why = why
            self._show_outcome()

    def _show_outcome(self) -> None:
        outcome = self._outcome
        self.trouble.tell(outcome.error, outcome.traceback)
        if outcome.rendering is not self.result.rendering:
            self.result.show_rendering(outcome.rendering)
        self.result.setVisible(outcome.rendering is not None)
        self.facts.setText(facts(outcome))
        self.facts.setVisible(bool(self.facts.text()))
        self._sections["Result"].setVisible(outcome.rendering is not None or bool(self.facts.text()))
        self.reason.setText(reason(self._why) if self._why else "")
        self.reason.setVisible(bool(self.reason.text()) and outcome.phase == "done")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(0, 0, 1, self.height(), theme.colour("line"))

    def _reveal(self, shown: bool, parts: tuple[QWidget, ...]) -> None:
        for part in parts:
            part.setVisible(shown)

    def _edit(self, name: str, value: JsonValue) -> None:
        if self.node is not None:
            self.editing.set_value(self.node, name, value)

    def focus_form(self) -> None:
        """Put the cursor into the first editor."""
        first = self.form if self.form.isVisible() else self.inputs
        first.setFocus(Qt.FocusReason.TabFocusReason)
        first.focusNextChild()


def facts(outcome: Outcome) -> str:
    """Time, provider and note of an execution, in lines."""
    lines = []
    if outcome.phase == "done":
        ran = "kept from before" if outcome.cached else f"took {duration(outcome.seconds)}"
        lines = [f"{ran[0].upper()}{ran[1:]}{f' on {provider(outcome.provider)}' if outcome.provider else ''}."]
    elif outcome.phase in ("running", "waiting", "skipped"):
        lines = [f"{outcome.caption[0].upper()}{outcome.caption[1:]}."]
    return "\n".join([*lines, outcome.note]).strip()


def reason(why: Why) -> str:
    """Why a node runs again or not, in one sentence."""
    if why.cached:
        return "Nothing it needs has changed."
    if why.changed:
        return f"Ran again because {_listed([name.replace('_', ' ') for name in why.changed])} changed."
    return "Ran because it had not run before."


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


class _Keys(QWidget):
    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 12, 0, 0)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (keys, act) in enumerate(KEYS):
            grid.addWidget(words(keys, theme.mono()), row, 0)
            grid.addWidget(caption(act), row, 1)
