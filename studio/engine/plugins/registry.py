"""Everything the installed plugins offer, by id."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from studio.api.card import GeneratorCard
from studio.api.dataset import DatasetCard
from studio.api.errors import StudioError
from studio.api.importer import ImporterCard
from studio.api.metric import MetricCard
from studio.api.node import Node
from studio.engine.engine import PluginInfo
from studio.engine.plugins.offers import Offers

T = TypeVar("T")


@dataclass
class Registry:
    """What there is to choose from, and how each plugin fares.

    Attributes:
        executors: "package.module:Class" of ways to run a trainer elsewhere.
        plugins: every plugin found, the broken and the switched-off ones too.
    """

    methods: dict[str, GeneratorCard] = field(default_factory=dict[str, GeneratorCard])
    datasets: dict[str, DatasetCard] = field(default_factory=dict[str, DatasetCard])
    metrics: dict[str, MetricCard] = field(default_factory=dict[str, MetricCard])
    nodes: dict[str, Node] = field(default_factory=dict[str, Node])
    importers: dict[str, ImporterCard] = field(default_factory=dict[str, ImporterCard])
    executors: tuple[str, ...] = ()
    plugins: list[PluginInfo] = field(default_factory=list[PluginInfo])

    def method(self, id: str) -> GeneratorCard:
        """The method's card; StudioError with the nearest names where there is none."""
        return self._pick("method", self.methods, id)

    def dataset(self, id: str) -> DatasetCard:
        """The dataset's card; StudioError with the nearest names where there is none."""
        return self._pick("dataset", self.datasets, id)

    def metric(self, id: str) -> MetricCard:
        """The metric's card; StudioError with the nearest names where there is none."""
        return self._pick("metric", self.metrics, id)

    def node(self, id: str) -> Node:
        """The node; StudioError with the nearest names where there is none."""
        return self._pick("node", self.nodes, id)

    def admit(self, plugin: str, offers: Offers) -> None:
        """Take in all that one plugin offers, or nothing; StudioError where its name or an id is taken already."""
        if plugin in {other.name for other in self.plugins}:
            raise StudioError(f"Another plugin is called '{plugin}' already; one of the two must be removed.")
        self._refuse_taken("method", self.methods, [card.id for card in offers.methods])
        self._refuse_taken("dataset", self.datasets, [card.id for card in offers.datasets])
        self._refuse_taken("metric", self.metrics, [card.id for card in offers.metrics])
        self._refuse_taken("node", self.nodes, [node.type.id for node in offers.nodes])
        self._refuse_taken("importer", self.importers, [card.id for card in offers.importers])
        self.methods.update({card.id: card for card in offers.methods})
        self.datasets.update({card.id: card for card in offers.datasets})
        self.metrics.update({card.id: card for card in offers.metrics})
        self.nodes.update({node.type.id: node for node in offers.nodes})
        self.importers.update({card.id: card for card in offers.importers})
        self.executors += offers.executors

    def _refuse_taken(self, what: str, known: Collection[str], ids: list[str]) -> None:
        for place, id in enumerate(ids):
            if id in ids[:place]:
                raise StudioError(f"It offers two {what}s called '{id}'; one must be renamed.")
            if id in known:
                raise StudioError(
                    f"It offers a {what} '{id}', which plugin '{self._owner(what, id)}' offers already; one must go."
                )

    def _owner(self, what: str, id: str) -> str:
        return next(plugin.name for plugin in self.plugins if id in getattr(plugin, f"{what}s"))

    def _pick(self, what: str, offered: Mapping[str, T], id: str) -> T:
        if id in offered:
            return offered[id]
        raise StudioError(f"There is no {what} '{id}'{_hint(id, offered)}{self._ailing()}")

    def _ailing(self) -> str:
        broken = [f"'{plugin.name}' ({plugin.error})" for plugin in self.plugins if not plugin.healthy]
        return f" These plugins are not in use: {'; '.join(broken)}" if broken else ""


def _hint(id: str, offered: Mapping[str, object]) -> str:
    if near := get_close_matches(id, offered, n=3, cutoff=0.5):
        return f"; did you mean {' or '.join(repr(name) for name in near)}?"
    return f"; there are: {', '.join(sorted(offered))}." if offered else "; none is installed."
