"""Models from elsewhere on their way in: each is looked at, then taken in, by a process that can be ended at any time."""

from collections.abc import Callable, Collection
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Any

from studio.api.errors import StudioError
from studio.engine.intake import Intake, Reference, Sight
from studio.engine.training.errand import Arrived, Errand, Failed, News, Reached, Seen
from studio.engine.training.taking import Taking
from studio.engine.training.taking_in import Order, reconsider
from studio.engine.training.workroom import sweep


class Intakes:
    """All of them; one object per engine. Safe to call from several threads.

    Args:
        home: the user's folder; what is taken in lies in `home/models`.
        disabled: gives the plugins that are switched off.
    """

    def __init__(self, home: Path, disabled: Callable[[], Collection[str]]) -> None:
        self._store = home / "models"
        self._disabled = disabled
        self._known: dict[str, Intake] = {}
        self._began: dict[str, float] = {}
        self._takings: dict[str, Taking] = {}
        self._numbers = count(1)
        self._lock = Lock()

    def start(self) -> None:
        """Remove what engines that were killed left behind."""
        sweep(self._store)

    def close(self) -> None:
        """End everything; nothing half-made stays behind."""
        for id in list(self._known):
            self.drop(id)

    def list(self) -> list[Intake]:
        """Each as it is now, in the order they were begun in."""
        now = monotonic()
        with self._lock:
            return [
                intake.model_copy(update={"seconds": now - self._began[id]}) if intake.going else intake
                for id, intake in self._known.items()
            ]

    def look_at(self, reference: Reference) -> Intake:
        """Begin to look at a model; returns at once."""
        intake = Intake(id=f"intake-{next(self._numbers)}", reference=reference, title=reference.name, what="beginning")
        self._begin(intake, lambda place: Errand(place=place, reference=reference, disabled=self._off()))
        return intake

    def reconsider(self, id: str, context: int) -> Sight:
        """What was seen, with another context; StudioError where the model cannot see so many tokens."""
        sight = reconsider(self._seen(id)[1], context, self._off())
        self._change(id, sight=sight)
        return sight

    def take_in(self, id: str, title: str) -> None:
        """Begin to take in what was seen; returns at once. StudioError where another one is being taken in."""
        reference, sight = self._seen(id)
        title = title.strip() or sight.title
        taking = Intake(id=id, reference=reference, state="taking", title=title, what="beginning", sight=sight)
        self._begin(taking, lambda place: self._errand(sight, title, place))

    def drop(self, id: str) -> None:
        """Forget one; what its processes had made is removed. Returns when they are gone, within three seconds."""
        with self._lock:
            self._known.pop(id, None)
            taking = self._takings.pop(id, None)
        if taking is not None:
            taking.end()

    def _seen(self, id: str) -> tuple[Reference, Sight]:
        with self._lock:
            intake = self._known.get(id)
            if any(other.state == "taking" for other in self._known.values()):
                raise StudioError("A model is being taken in. Wait until it is there, or cancel it.")
        if intake is None or intake.sight is None or intake.going:
            raise StudioError("This model is not being looked at any more. Open it again.")
        return intake.reference, intake.sight

    def _off(self) -> tuple[str, ...]:
        return tuple(sorted(self._disabled()))

    def _errand(self, sight: Sight, title: str, place: Path) -> Errand:
        return Errand(place=place, order=Order(sight=sight, title=title, place=place, disabled=self._off()))

    def _begin(self, intake: Intake, errand: Callable[[Path], Errand]) -> None:
        try:
            taking = Taking(self._store, errand)
        except OSError as error:
            raise StudioError(f"It cannot be begun ({error.strerror or error}). Close other programs and try again.") from error
        with self._lock:
            dropped = intake.state == "taking" and intake.id not in self._known
            if not dropped:
                self._known[intake.id], self._began[intake.id], self._takings[intake.id] = intake, monotonic(), taking
        if dropped:
            taking.end()
        Thread(target=self._follow, args=(intake.id, taking), daemon=True, name=intake.id).start()

    def _follow(self, id: str, taking: Taking) -> None:
        for news in taking.news():
            if not isinstance(news, Reached):
                taking.end()
            self._take(id, news)

    def _take(self, id: str, news: News) -> None:
        match news:
            case Reached(stage=stage):
                self._change(id, done=stage.done, total=stage.total, what=stage.what)
            case Seen(sight=sight):
                self._change(id, state="seen", sight=sight, title=sight.title, what="")
            case Arrived(taken=taken):
                self._change(id, state="done", model=taken.model, title=taken.title, difference=taken.difference, what="")
            case Failed(error=error, details=details):
                self._change(id, state="failed", error=error, details=details, what="")

    def _change(self, id: str, **changes: Any) -> None:
        with self._lock:
            if id in self._known:
                self._known[id] = self._known[id].model_copy(update=changes)
