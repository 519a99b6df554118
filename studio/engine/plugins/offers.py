"""One plugin imported and asked, hook by hook, what it offers."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any, TypeVar, cast

import pluggy

from studio.api import hooks
from studio.api.card import GeneratorCard
from studio.api.dataset import DatasetCard
from studio.api.errors import StudioError
from studio.api.importer import ImporterCard
from studio.api.metric import MetricCard
from studio.api.node import Node

T = TypeVar("T")


@dataclass(frozen=True)
class Offers:
    """What one plugin offers."""

    methods: tuple[GeneratorCard, ...] = ()
    datasets: tuple[DatasetCard, ...] = ()
    metrics: tuple[MetricCard, ...] = ()
    nodes: tuple[Node, ...] = ()
    importers: tuple[ImporterCard, ...] = ()
    executors: tuple[str, ...] = ()


def ask(entry: EntryPoint) -> Offers:
    """Import a plugin and call each of its hooks.

    Raises:
        StudioError: an answer that is not what the hook promises.
        Exception, SystemExit: whatever the plugin's own code raises.
    """
    plugin = pluggy.PluginManager("studio")
    plugin.add_hookspecs(hooks)
    plugin.register(entry.load(), entry.name)
    plugin.check_pending()
    return Offers(
        methods=tuple(
            card.model_copy(update={"plugin": entry.name}) for card in _call(plugin, "studio_generators", GeneratorCard)
        ),
        importers=tuple(
            card.model_copy(update={"plugin": entry.name}) for card in _call(plugin, "studio_importers", ImporterCard)
        ),
        datasets=_call(plugin, "studio_datasets", DatasetCard),
        metrics=_call(plugin, "studio_metrics", MetricCard),
        nodes=_call(plugin, "studio_nodes", Node),
        executors=_call(plugin, "studio_executors", str),
    )


def _call(plugin: pluggy.PluginManager, hook: str, kind: type[T]) -> tuple[T, ...]:
    answers = cast("list[Any]", getattr(plugin.hook, hook)())
    return tuple(_checked(item, hook, kind) for answer in answers for item in _items(answer, hook, kind))


def _items(answer: Any, hook: str, kind: type) -> Iterable[Any]:
    if isinstance(answer, str) or not isinstance(answer, Iterable):
        raise StudioError(f"{hook}() gave {answer!r}, not a list of {kind.__name__}.")
    return cast("Iterable[Any]", answer)


def _checked(item: Any, hook: str, kind: type[T]) -> T:
    if not isinstance(item, kind):
        raise StudioError(f"{hook}() gave {item!r} where a {kind.__name__} is expected.")
    return item
