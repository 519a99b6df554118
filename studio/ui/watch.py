"""Looks at the runs and the engine's health now and then, for everyone who shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from studio.ui.bridge import Bridge

if TYPE_CHECKING:
    from studio.engine.engine import Health, RunInfo
    from studio.engine.intake import Intake

CALM, CLOSE = 1000, 250


class Watch(QObject):
    """Polls `engine.runs()` once a second (four times while somebody looks closely) and its health every third second.

    Signals:
        runs_changed: all runs, whenever they differ from before.
        intakes_changed: all models that are on their way in, while somebody follows them.
        finished: a run that was going and has ended.
    """

    runs_changed = Signal(list)
    intakes_changed = Signal(list)
    health_changed = Signal(object)
    finished = Signal(object)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._busy = False
        self.runs: list[RunInfo] = []
        self.health: Health | None = None
        self._timer = QTimer(self, interval=CALM)
        self._timer.timeout.connect(self.look)
        self._intakes = QTimer(self, interval=CLOSE)
        self._intakes.timeout.connect(self._ask_intakes)
        self._pulse = QTimer(self, interval=3000)
        self._pulse.timeout.connect(self._ask_health)
        bridge.ready.connect(self._begin)
        bridge.engine_back.connect(self._begin)
        bridge.engine_lost.connect(self._end)

    def look_closely(self, on: bool) -> None:
        """Poll four times a second, or once."""
        self._timer.setInterval(CLOSE if on else CALM)

    def look(self) -> None:
        """Ask for the runs now, unless an answer is awaited."""
        if not self._busy:
            self._busy = True
            self._bridge.ask("runs", self._take, self._missed)

    def follow_intakes(self) -> None:
        """Ask for the models on their way in, now and until no process is at work on one."""
        self._intakes.start()
        self._ask_intakes()

    def _begin(self) -> None:
        self._busy = False
        self._timer.start()
        self._pulse.start()
        self.look()
        self._ask_health()

    def _end(self) -> None:
        self._timer.stop()
        self._pulse.stop()
        self._take_intakes([])

    def _ask_health(self) -> None:
        self._bridge.ask("health", self._take_health, self._missed)

    def _ask_intakes(self) -> None:
        self._bridge.ask("intakes", self._take_intakes, self._missed)

    def _take_intakes(self, intakes: list[Intake]) -> None:
        if not any(intake.going for intake in intakes):
            self._intakes.stop()
        self.intakes_changed.emit(intakes)

    def _take_health(self, health: Health) -> None:
        self.health = health
        self.health_changed.emit(health)

    def _take(self, runs: list[RunInfo]) -> None:
        self._busy = False
        if runs == self.runs:
            return
        going = {run.id for run in self.runs if run.state in ("queued", "running")}
        self.runs = runs
        self.runs_changed.emit(runs)
        for run in runs:
            if run.id in going and run.state in ("done", "failed", "lost"):
                self.finished.emit(run)

    def _missed(self, words: str, details: str) -> None:
        self._busy = False
