"""One model at work: its samples, what they cost, and the controls it has."""

import time
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.engine.engine import ExecutionDone, GraphEvent, ModelInfo, NodeDone, NodeFailed, NodeProgress
from studio.engine.rendering import Rendering
from studio.ui import measures, theme
from studio.ui.arena import recipe
from studio.ui.arena.camera import Camera
from studio.ui.arena.recipe import Wish
from studio.ui.arena.wishes import Wishes
from studio.ui.bar import Bar
from studio.ui.bridge import Bridge, Execution, Latest
from studio.ui.forms import Form
from studio.ui.gallery import Gallery
from studio.ui.panels import Badge, Card, Line, words

PATIENCE = 0.25
CONTROLS = 3


class Tile(Card):
    """Generates with one model; a newer wish replaces an older one that is still running.

    Signals:
        chosen: a sample was clicked.
        failed: generation failed: words, details.
        generated: new samples are complete.
    """

    chosen = Signal(int)
    failed = Signal(str, str)
    generated = Signal()

    def __init__(self, bridge: Bridge, model: ModelInfo, dataset: str) -> None:
        super().__init__()
        self.model, self.dataset = model, dataset
        self.frames: list[Rendering] = []
        self.seconds: float | None = None
        self.provider = ""
        self._bridge = bridge
        self._seed, self._using = 0, "auto"
        self._position, self._expanded = 1.0, ""
        self._began = 0.0
        self._execution: Execution | None = None
        self._latest = Latest(self._start, self._interrupt)
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addLayout(self._heading())
        self.bar = Bar(width=0)
        keep = self.bar.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self.bar.setSizePolicy(keep)
        self.bar.setFixedHeight(2)
        column.addWidget(self.bar)
        self.gallery = Gallery("Generating…")
        self.gallery.setAccessibleName(f"Samples of {self.model.card.title}")
        self.gallery.chosen.connect(self.chosen)
        column.addWidget(self.gallery)
        self._cost = Line("", theme.mono())
        column.addWidget(self._cost)
        self._numbers = Line(_measured(self.model), theme.mono(), dim=True)
        column.addWidget(self._numbers)
        self._note = words("", theme.font("caption"), wrap=True)
        self._note.hide()
        column.addWidget(self._note)
        for row in self._ask_for():
            column.addWidget(row)
        column.addStretch(1)

    def _heading(self) -> QHBoxLayout:
        card = self.model.card
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(Badge(card.family))
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(Line(card.title, theme.strong()))
        names.addWidget(Line(f"{theme.family_style(card.family).title} · {self.dataset}", theme.font("caption"), dim=True))
        row.addLayout(names, 1)
        return row

    def _ask_for(self) -> list[QWidget]:
        card = self.model.card
        scene = card.signature.space.kind == "views"
        controls = [control for control in recipe.sampler_of(card).controls if control.basic][: None if scene else CONTROLS]
        self.form = Form(controls, compact=True)
        self.form.changed.connect(lambda _: self._again())
        self.camera = self._make_camera() if scene else None
        self.wishes = Wishes(card)
        self.wishes.changed.connect(self._again)
        return [self.wishes, self.form] if controls else [self.wishes]

    def _make_camera(self) -> Camera:
        camera = Camera(self.gallery, self.form)
        camera.moved.connect(self._again)
        camera.clicked.connect(lambda: self.chosen.emit(0))
        return camera

    def wish(self) -> Wish:
        """What the tile is set to."""
        controls = self.camera.controls() if self.camera else self.form.values()
        asked = self.wishes
        return Wish(self._seed, controls, asked.label, asked.prompt, self._using, asked.sampler, asked.negative)

    def generate(self, seed: int, provider: str = "auto") -> None:
        """Generate from a seed."""
        self._seed, self._using = seed, provider
        self._again()

    def ask(self, prompt: str) -> None:
        """Generate to a prompt, where the model reads one."""
        if self.wishes.ask(prompt):
            self._again()

    def move_to(self, position: float) -> None:
        """Show the trajectory at `position`, 0 to 1."""
        self._position = position
        if self.frames:
            self.gallery.show_rendering(self.frames[round(position * (len(self.frames) - 1))])

    def end(self) -> None:
        """Stop generating."""
        if self._execution is not None:
            self._execution.stop()

    def _again(self) -> None:
        self._latest.want(self.wish())

    def _start(self, wish: Wish, done: Callable[[], None]) -> None:
        self._began = time.monotonic()
        self._coming: list[Rendering] = []
        graph = recipe.generate(self.model, wish)
        self._execution = self._bridge.execute(graph, [recipe.SAMPLE], lambda event: self._take(event, wish, done))

    def _interrupt(self) -> None:
        if self._execution is not None and time.monotonic() - self._began > PATIENCE:
            self._execution.stop()

    def _take(self, event: GraphEvent, wish: Wish, done: Callable[[], None]) -> None:
        if isinstance(event, NodeProgress):
            self._progress(event)
        elif isinstance(event, NodeDone) and event.node == recipe.EXPAND:
            self._expanded = _read_as(event.rendering)
        elif isinstance(event, NodeDone) and event.node == recipe.SAMPLE:
            self._complete(event, wish)
        elif isinstance(event, NodeFailed):
            self._fail(event)
        elif isinstance(event, ExecutionDone):
            self.bar.hide()
            done()

    def _progress(self, event: NodeProgress) -> None:
        slow = time.monotonic() - self._began > PATIENCE
        self.bar.setVisible(slow)
        self.bar.show_share(event.step / max(1, event.total))
        if event.rendering is not None:
            self._coming.append(event.rendering)
            if (slow or not self.frames) and self._position == 1.0:
                self.gallery.show_rendering(event.rendering)

    def _complete(self, event: NodeDone, wish: Wish) -> None:
        if event.rendering is None:
            return
        kept = self.frames[:-1] if event.cached and not self._coming and not self._changed(event.rendering) else self._coming
        self.frames = [*kept, event.rendering]
        if not event.cached:
            self.seconds, self.provider = event.seconds, measures.provider(event.provider)
        self._cost.setText(self._costs(event, wish))
        note = "\n".join(filter(None, (self._expanded if wish.prompt else "", event.note)))
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.move_to(self._position)
        self.generated.emit()

    def _changed(self, rendering: Rendering) -> bool:
        return not self.frames or self.frames[-1] != rendering

    def _costs(self, event: NodeDone, wish: Wish) -> str:
        steps = recipe.steps(self.model.card, wish.controls)
        each = [f"{measures.duration(self.seconds / recipe.count(self.model.card))} each"] if self.seconds is not None else []
        return " · ".join([*each, measures.plural(steps, "step"), self.provider or measures.provider(event.provider)]).rstrip(
            " ·"
        )

    def _fail(self, event: NodeFailed) -> None:
        self.frames = []
        self.gallery.show_rendering(None)
        self.gallery.say(event.error)
        self.failed.emit(f"{self.model.card.title}: {event.error}", event.traceback)


def _read_as(expansion: Rendering | None) -> str:
    return f"Read as: {' '.join(expansion.texts)}" if expansion and expansion.texts else ""


def _measured(model: ModelInfo) -> str:
    card = model.card
    parts = [f"{name.replace('_', ' ')} {value:.3g}" for name, value in list(card.numbers.items())[:1]]
    if card.parity:
        parts.append(f"✓ parity {max(card.parity.values()):.0e}".replace("e-0", "e-"))
    return " · ".join(parts) or f"{measures.amount(card.parameters)} weights"
