"""Trainers on this machine."""

from pathlib import Path

from studio.engine.runs.folder import RunFolder
from studio.engine.training.control import cancel
from studio.engine.training.executors.executor import JobSpec, JobState
from studio.engine.training.launch import launch
from studio.engine.training.spare import Spare


class LocalExecutor:
    """One process per run; `spare` makes the first steps come sooner."""

    def __init__(self, spare: Spare | None = None) -> None:
        self.spare = spare

    def submit(self, spec: JobSpec) -> bool:
        """Start a waiting run."""
        return launch(RunFolder(Path(spec.folder)), self.spare)

    def poll(self, spec: JobSpec) -> JobState:
        """Where it stands, as its folder tells."""
        folder = RunFolder(Path(spec.folder))
        if folder.alive():
            return JobState(state="running")
        return JobState(state="ended" if folder.place() is None else "waiting", exit=folder.exit_code())

    def stop(self, spec: JobSpec) -> None:
        """End it."""
        cancel(RunFolder(Path(spec.folder)))
