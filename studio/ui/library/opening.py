"""Leads one model from elsewhere in: looked at first, taken in when the user says so, forgotten at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from studio.ui.bridge import Bridge

if TYPE_CHECKING:
    from studio.engine.intake import Intake, Reference, Sight
    from studio.ui.watch import Watch

BUSY = "A model is being taken in already. Wait until it is there, or cancel it."


class Opening(QObject):
    """The model on its way in, as the engine tells of it.

    Signals:
        changed: there is news of it, or it is no more.
        arrived: it was taken in.
        refused: it cannot be opened: words and details.
        unfit: why the context that was asked for is none; empty where it is one.
    """

    changed = Signal()
    arrived = Signal(object)
    refused = Signal(str, str)
    unfit = Signal(str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._watch: Watch | None = None
        self._asked: Reference | None = None
        self._missed = False
        self.intake: Intake | None = None

    def watch(self, watch: Watch) -> None:
        """Follow what the engine tells."""
        self._watch = watch
        watch.intakes_changed.connect(self._take)

    @property
    def title(self) -> str:
        """What is on its way in; empty where nothing is."""
        return self.intake.title if self.intake else self._asked.name if self._asked else ""

    @property
    def looking(self) -> bool:
        """Whether a model is being looked at, or is about to."""
        return self._asked is not None or (self.intake is not None and self.intake.state == "looking")

    @property
    def taking(self) -> bool:
        """Whether a model is being taken in."""
        return self.intake is not None and self.intake.state == "taking"

    def look_at(self, reference: Reference) -> None:
        """Look at a model instead of the one that was looked at before."""
        if self.taking:
            self.refused.emit(BUSY, "")
            return
        self.cancel()
        self._asked = reference
        self._bridge.ask("look_at", lambda intake: self._begun(reference, intake), self._failed, reference)
        self.changed.emit()

    def reconsider(self, context: int) -> None:
        """Ask what it needs with another context."""
        if self.intake is not None:
            id = self.intake.id
            self._bridge.ask(
                "reconsider", lambda sight: self._reconsidered(id, sight), lambda words, _: self.unfit.emit(words), id, context
            )

    def take_in(self, title: str) -> None:
        """Take in what was seen."""
        if self.intake is not None:
            self.intake = self.intake.model_copy(update={"state": "taking", "title": title, "what": "beginning", "done": 0})
            self._bridge.ask("take_in", lambda _: self._follow(), self._failed, self.intake.id, title)
            self.changed.emit()

    def cancel(self) -> None:
        """Forget it; what is at work on it is ended."""
        gone, self.intake, self._asked = self.intake, None, None
        if gone is not None:
            self._drop(gone.id)
        self.changed.emit()

    def _begun(self, reference: Reference, intake: Intake) -> None:
        if self._asked is not reference:
            self._drop(intake.id)
            return
        self._asked, self.intake = None, intake
        self._follow()

    def _follow(self) -> None:
        if self._watch is not None:
            self._watch.follow_intakes()

    def _drop(self, id: str) -> None:
        self._bridge.ask("drop", lambda _: self._follow(), None, id)

    def _reconsidered(self, id: str, sight: Sight) -> None:
        if self.intake is not None and self.intake.id == id:
            self.intake = self.intake.model_copy(update={"sight": sight})
            self.unfit.emit("")
            self.changed.emit()

    def _failed(self, words: str, details: str) -> None:
        self.cancel()
        self.refused.emit(words, details)

    def _take(self, intakes: list[Intake]) -> None:
        if self.intake is None:
            return
        news = next((intake for intake in intakes if intake.id == self.intake.id), None)
        if news is None:
            self._miss()
            return
        before, self.intake, self._missed = self.intake, news, False
        if news.state == "failed" != before.state:
            self._tell_failure(news)
        elif news.state == "done":
            self._tell_arrival(news)
        else:
            self.changed.emit()

    def _miss(self) -> None:
        """Not being told of it once may be an answer that is older than it is; twice means that the engine has it no more."""
        if self._missed:
            self.intake, self._missed = None, False
            self.changed.emit()
        else:
            self._missed = True
            self._follow()

    def _tell_failure(self, intake: Intake) -> None:
        if intake.sight is None:
            self.cancel()
        self.changed.emit()
        self.refused.emit(intake.error, intake.details)

    def _tell_arrival(self, intake: Intake) -> None:
        self.cancel()
        self.arrived.emit(intake)
