"""Everything that was made, as one list: runs with their models, models that came ready, and saved outputs."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from studio.api.card import Method
from studio.api.dataset import DatasetCard
from studio.api.model import ModelCard
from studio.engine.engine import ModelInfo, PictureInfo, RunInfo

DAY = 86_400.0
AGES = {"any time": float("inf"), "today": DAY, "this week": 7 * DAY, "this month": 31 * DAY}
KINDS = ("run", "model", "picture")


@dataclass(frozen=True)
class Thing:
    """A run, a model or a saved output; a run and the model that came of it are one thing.

    Attributes:
        created: seconds since the epoch, 0 where it is not known.
        words: what the text filter looks through, in lower case.
    """

    key: str
    title: str
    family: str
    data: str
    created: float
    words: str
    run: RunInfo | None = None
    model: ModelInfo | None = None
    picture: PictureInfo | None = None

    @property
    def kinds(self) -> set[str]:
        """What it counts as."""
        return {kind for kind in KINDS if getattr(self, kind) is not None}


@dataclass(frozen=True)
class Wanted:
    """A filter; an empty value lets everything pass."""

    text: str = ""
    kind: str = ""
    family: str = ""
    data: str = ""
    age: str = "any time"

    def passes(self, thing: Thing, now: float) -> bool:
        """Whether a thing is wanted."""
        return (
            all(word in thing.words for word in self.text.lower().split())
            and (not self.kind or self.kind in thing.kinds)
            and (not self.family or self.family == thing.family)
            and (not self.data or self.data == thing.data)
            and (self.age == "any time" or now - thing.created <= AGES[self.age])
        )


def gather(
    runs: Iterable[RunInfo],
    models: Iterable[ModelInfo],
    pictures: Iterable[PictureInfo],
    methods: Iterable[Method],
    datasets: Iterable[DatasetCard] = (),
) -> list[Thing]:
    """Everything, the newest first; what came with the studio is last."""
    models = list(models)
    families = {method.id: str(method.family) for method in methods}
    made = {model.card.run: model for model in models if model.reference == f"run:{model.card.run}"}
    by_reference = {model.reference: model for model in models}
    runs = list(runs)
    mine = {run.id for run in runs}
    things = [_of_run(run, made.get(run.id), families) for run in runs]
    things += [_of_model(model) for model in models if made.get(model.card.run) is not model or model.card.run not in mine]
    things += [_of_picture(picture, by_reference) for picture in pictures]
    titles = {card.id: card.title for card in datasets}
    things = [replace(thing, data=titles.get(thing.data, thing.data)) for thing in things]
    return sorted(things, key=lambda thing: -thing.created)


def _of_run(run: RunInfo, model: ModelInfo | None, families: Mapping[str, str]) -> Thing:
    request = run.request
    data = Path(request.dataset).name
    family = model.card.family if model else families.get(request.method, "")
    words = f"{run.title} {request.method} {data} {family} {run.id} {run.state} run".lower()
    return Thing(f"run:{run.id}", run.title or request.method, family, data, run.created, words, run=run, model=model)


def _of_model(model: ModelInfo) -> Thing:
    card = model.card
    words = f"{card.title} {card.method} {card.family} {card.dataset} {model.reference} model".lower()
    created = 0.0 if model.starter else _seconds(card.created)
    data = foreign_source(card)[0] or card.dataset
    return Thing(f"model:{model.reference}", card.title, card.family, data, created, words, model=model)


def foreign_source(card: ModelCard) -> tuple[str, str]:
    """Where a model that was not trained here comes from, and its revision; both empty for the others.

    Example: "owner/model@607a30d783df" gives ("owner/model", "607a30d7"), "/home/ada/gpt2" gives ("gpt2", "").
    """
    if card.run:
        return "", ""
    name, _, revision = card.dataset.rpartition("@")
    return (name, revision[:8]) if name and not Path(name).is_absolute() else (Path(card.dataset).name, "")


def _of_picture(picture: PictureInfo, models: Mapping[str, ModelInfo]) -> Thing:
    name = Path(picture.path).stem
    card = next((models[reference].card for reference in picture.models if reference in models), None)
    family, data = (card.family, card.dataset) if card else ("", "")
    words = f"{name} {' '.join(picture.models)} {family} {data} picture".lower()
    return Thing(f"picture:{picture.path}", name, family, data, picture.created, words, picture=picture)


def _seconds(created: str) -> float:
    for form in ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"):
        try:
            return time.mktime(time.strptime(created[: len("2026-01-01T00:00:00") if "T" in form else 10], form))
        except ValueError:
            continue
    return 0.0


def told_date(created: float, now: float) -> str:
    """When, as people say it: "3 min ago", "yesterday", "23 Nov 2026"."""
    age = now - created
    if not created:
        return "comes with the studio"
    if age < DAY:
        return "just now" if age < 60 else f"{int(age // 60)} min ago" if age < 3600 else f"{int(age // 3600)} h ago"
    if age < 2 * DAY:
        return "yesterday"
    return f"{int(age // DAY)} days ago" if age < 7 * DAY else time.strftime("%-d %b %Y", time.localtime(created))
