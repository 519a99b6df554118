"""What a plugin may offer. Declare it under the entry-point group `studio.v1`: the group names the API version."""

from collections.abc import Sequence

import pluggy

from studio.api.card import GeneratorCard
from studio.api.dataset import DatasetCard
from studio.api.importer import ImporterCard
from studio.api.metric import MetricCard
from studio.api.node import Node

API_VERSION = 1
GROUP = f"studio.v{API_VERSION}"

hookspec = pluggy.HookspecMarker("studio")
hookimpl = pluggy.HookimplMarker("studio")


@hookspec
def studio_generators() -> Sequence[GeneratorCard]:
    """Cards of generative methods."""
    return ()


@hookspec
def studio_datasets() -> Sequence[DatasetCard]:
    """Cards of datasets."""
    return ()


@hookspec
def studio_metrics() -> Sequence[MetricCard]:
    """Cards of metrics."""
    return ()


@hookspec
def studio_nodes() -> Sequence[Node]:
    """Graph nodes."""
    return ()


@hookspec
def studio_importers() -> Sequence[ImporterCard]:
    """Cards of kinds of models that were trained elsewhere and can be opened."""
    return ()


@hookspec
def studio_executors() -> Sequence[str]:
    """Ways to run a trainer elsewhere: "package.module:Class" of `studio.engine.training.executors.Executor`s."""
    return ()
