"""Where a thing comes from: picture, graph, model, run, dataset."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from studio.engine.engine import ModelInfo
from studio.engine.graph.document import Graph
from studio.ui.library.things import Thing, foreign_source


@dataclass(frozen=True)
class Origin:
    """One step of a lineage.

    Attributes:
        kind: "picture", "graph", "model", "run", "dataset", or "source" of what was trained elsewhere.
        key: of the thing that it is, empty where it is none of the library's.
    """

    kind: str
    title: str
    detail: str = ""
    family: str = ""
    key: str = ""
    graph: Graph | None = None


def lineage(thing: Thing, models: Iterable[ModelInfo], titles: Mapping[str, str] | None = None) -> list[list[Origin]]:
    """The steps from a thing back to the data, each a column of one or more; `titles` are those of datasets, by id."""
    columns = _columns(thing, models)
    named = titles or {}
    return [[replace(o, title=named.get(o.title, o.title)) if o.kind == "dataset" else o for o in column] for column in columns]


def _columns(thing: Thing, models: Iterable[ModelInfo]) -> list[list[Origin]]:
    if thing.picture is None:
        return _from_models([thing.model], thing) if thing.model else _from_run(thing)
    known = {model.reference: model for model in models}
    used = [known[reference] for reference in thing.picture.models if reference in known]
    graph = thing.picture.graph
    shown = [[Origin("picture", thing.title, _seed(thing), key=thing.key)]]
    shown += [[Origin("graph", "Graph", f"{len(graph.nodes)} nodes", graph=graph)]] if graph else []
    return shown + (_from_models(list(used), None) if used else [])


def _from_models(models: list[ModelInfo], thing: Thing | None) -> list[list[Origin]]:
    cards = [model.card for model in models]
    first = [
        Origin("model", card.title, card.method, card.family, thing.key if thing else _key(model))
        for model, card in zip(models, cards, strict=True)
    ]
    runs = dict.fromkeys((card.run, card.step, model.starter) for model, card in zip(models, cards, strict=True) if card.run)
    second = [
        Origin("run", "Training" if starter else id, f"{step} steps", key="" if starter else f"run:{id}")
        for id, step, starter in runs
    ]
    third = [Origin("dataset", data) for data in dict.fromkeys(Path(card.dataset).name for card in cards if card.run)]
    third += [Origin("source", *source) for source in dict.fromkeys(foreign_source(card) for card in cards if not card.run)]
    return [column for column in (first, second, third) if column]


def _from_run(thing: Thing) -> list[list[Origin]]:
    assert thing.run is not None
    return [[Origin("run", thing.title, f"{thing.run.step} steps", thing.family, thing.key)], [Origin("dataset", thing.data)]]


def _key(model: ModelInfo) -> str:
    return f"model:{model.reference}" if model.starter or not model.card.run else f"run:{model.card.run}"


def _seed(thing: Thing) -> str:
    return f"seed {thing.picture.seed}" if thing.picture and thing.picture.seed is not None else ""
