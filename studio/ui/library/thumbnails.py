"""Small pictures of things, fetched one after the other when they are first looked at."""

from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from studio.api.events import Entry, Preview
from studio.engine.engine import GraphEvent, ModelInfo, RunInfo
from studio.engine.rendering import Rendering
from studio.ui import drawing
from studio.ui.arena.recipe import count
from studio.ui.bridge import Bridge, Execution
from studio.ui.graph.background import Background
from studio.ui.library.compositions import opened
from studio.ui.library.picture_file import small_picture
from studio.ui.library.sound_file import saved_sound
from studio.ui.library.things import Thing

SIDE = 188
SHOWN = 9
HEARD = 4
TEXT_READ = 600
LARGE = 2**28
"""Bytes of a model from which on it is not loaded unasked."""


class Thumbnails(QObject):
    """Pixmaps by a thing's key.

    Signals:
        ready: the key of a thing whose picture is there.
    """

    ready = Signal(str)

    def __init__(self, bridge: Bridge, files: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge, self._files = bridge, files
        self._made: dict[str, QPixmap | None] = {}
        self._renderings: dict[str, Rendering] = {}
        self._waiting: deque[Thing] = deque()
        self._working = False
        self._execution: Execution | None = None

    def of(self, thing: Thing) -> QPixmap | None:
        """The picture of a thing where it is there; otherwise it is fetched."""
        name = _version(thing)
        if name not in self._made:
            self._made[name] = None
            self._waiting.append(thing)
            self._next()
        return self._made[name]

    def rendering(self, thing: Thing) -> Rendering | None:
        """What the picture was drawn from, None for picture files and for what is not there."""
        return self._renderings.get(_version(thing))

    def redraw(self) -> None:
        """Draw everything in the colours of another theme."""
        for name, rendering in self._renderings.items():
            self._made[name] = _drawn(rendering)

    def pause(self) -> None:
        """Leave the engine to others; what waits is fetched when it is looked at again."""
        for thing in self._waiting:
            self._made.pop(_version(thing), None)
        self._waiting.clear()
        if self._execution is not None:
            self._execution.stop()

    def _next(self) -> None:
        if self._working or not self._waiting:
            return
        self._working = True
        thing = self._waiting.popleft()
        if thing.picture is not None:
            self._from_file(thing, Path(thing.picture.path))
        elif thing.run is not None:
            self._from_run(thing, thing.run)
        elif thing.model is not None:
            self._from_model(thing, thing.model)

    def _done(self, thing: Thing, pixmap: QPixmap | None) -> None:
        self._made[_version(thing)] = pixmap
        self._working = False
        self.ready.emit(thing.key)
        self._next()

    def _rendered(self, thing: Thing, rendering: Rendering | None) -> None:
        if rendering is not None:
            self._renderings[_version(thing)] = rendering
        self._done(thing, _drawn(rendering) if rendering else None)

    def _from_file(self, thing: Thing, path: Path) -> None:
        if path.suffix == ".png":
            self._files.do(
                lambda: small_picture(path, 2 * SIDE), lambda image: self._done(thing, _sharp(image)), self._missed(thing)
            )
        elif path.suffix == ".wav":
            self._files.do(lambda: saved_sound(path), lambda sound: self._rendered(thing, sound), self._missed(thing))
        elif path.suffix in (".txt", ".csv"):
            self._files.do(lambda: _text(path), lambda text: self._rendered(thing, text), self._missed(thing))
        else:
            self._done(thing, None)

    def _from_run(self, thing: Thing, run: RunInfo) -> None:
        def last(entries: list[Entry]) -> None:
            files = [entry.event.file for entry in entries if isinstance(entry.event, Preview)]
            if files:
                self._bridge.ask("preview", lambda found: self._rendered(thing, found), self._missed(thing), run.id, files[-1])
            else:
                self._done(thing, None)

        self._bridge.ask("events", last, self._missed(thing), run.id)

    def _from_model(self, thing: Thing, model: ModelInfo) -> None:
        shown: list[Rendering] = []

        def take(event: GraphEvent) -> None:
            if event.kind == "node_done" and event.rendering is not None:
                shown.append(event.rendering)
            elif event.kind == "execution_done":
                self._execution = None
                self._rendered(thing, shown[-1] if shown else None)

        if model.size >= LARGE:
            self._done(thing, None)
            return
        graph = opened(model)
        most = count(model.card) if model.card.signature.space.kind == "points" else min(SHOWN, count(model.card))
        few = graph.replace(graph.node("noise").model_copy(update={"values": {"seed": 0, "count": most}}))
        self._execution = self._bridge.execute(few, ["sample"], take)

    def _missed(self, thing: Thing) -> Callable[..., None]:
        return lambda *words: self._done(thing, None)


def _version(thing: Thing) -> str:
    return f"{thing.key}@{thing.run.state}" if thing.run else thing.key


def _drawn(rendering: Rendering) -> QPixmap:
    return drawing.thumbnail(_few(rendering), QSize(SIDE, SIDE))


def _few(rendering: Rendering) -> Rendering:
    return drawing.first(rendering, HEARD if rendering.kind == "audio" else SHOWN)


def _sharp(image: QImage) -> QPixmap | None:
    if image.isNull():
        return None
    pixmap = QPixmap.fromImage(drawing.crisp(image, image.size().scaled(2 * SIDE, 2 * SIDE, Qt.AspectRatioMode.KeepAspectRatio)))
    pixmap.setDevicePixelRatio(2)
    return pixmap


def _text(path: Path) -> Rendering:
    with path.open(encoding="utf-8", errors="replace") as file:
        return Rendering(kind="texts", count=1, texts=(file.read(TEXT_READ),))
