"""What it takes to run trainers somewhere: plain data in and out, the run folder carries everything else."""

from typing import Literal, Protocol

from studio.api.frozen import Frozen


class JobSpec(Frozen):
    """A run to be trained; `python -m studio.engine.training.worker FOLDER` does it and holds the folder's lock meanwhile."""

    run: str
    folder: str


class JobState(Frozen):
    """Where a job stands; the journal in its folder tells the rest, `exit` is the code where it is known."""

    state: Literal["waiting", "running", "ended"]
    exit: int | None = None


class Executor(Protocol):
    """A place where trainers run."""

    def submit(self, spec: JobSpec) -> bool:
        """Start a waiting run; False where it waits no longer. Asking twice starts it once.

        Raises:
            StudioError: this place cannot start it.
        """
        ...

    def poll(self, spec: JobSpec) -> JobState:
        """Where it stands."""
        ...

    def stop(self, spec: JobSpec) -> None:
        """End it within three seconds; its checkpoints stay."""
        ...
