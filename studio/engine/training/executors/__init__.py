"""Ways to run a trainer: here, or wherever a plugin can bring the same run folder about."""

from studio.engine.training.executors.executor import Executor, JobSpec, JobState

__all__ = ["Executor", "JobSpec", "JobState"]
