"""All that is known of a thing in numbers, as rows of name and value."""

from collections.abc import Iterator

from studio.api.model import ModelCard
from studio.engine.engine import RunInfo
from studio.ui.fields import written
from studio.ui.library.things import Thing
from studio.ui.measures import amount, duration, size

Row = tuple[str, str]


def numbers(thing: Thing) -> list[tuple[str, list[Row]]]:
    """Sections of rows; empty sections are left out."""
    sections = [("Training", list(_run(thing.run)) if thing.run else [])]
    if thing.model:
        card = thing.model.card
        sections += [
            (
                "Model",
                [
                    ("Weights", amount(card.parameters)),
                    ("Size", size(thing.model.size)),
                    *([("Step", f"{card.step:,}".replace(",", " "))] if card.run else []),
                ],
            ),
            ("Quality", [(_named(name), written(value)) for name, value in card.numbers.items()]),
            ("Time for each sample", [(_named(name), duration(value / 1000)) for name, value in card.speed.items()]),
            ("Export agrees with torch within", [(_named(name), f"{value:.1e}") for name, value in card.parity.items()]),
            ("Parameters", list(_parameters(card))),
        ]
    elif thing.run:
        sections.append(("Parameters", [(_named(name), _value(value)) for name, value in thing.run.request.params.items()]))
    if thing.picture and thing.picture.seed is not None:
        sections.append(("Made with", [("Seed", str(thing.picture.seed)), *(("Model", model) for model in thing.picture.models)]))
    return [(title, rows) for title, rows in sections if rows]


def _run(run: RunInfo) -> Iterator[Row]:
    yield "State", run.state
    yield "Steps", f"{run.step} of {run.total}" if run.total else str(run.step)
    yield "Took", duration(run.seconds)
    yield "Seed", str(run.request.seed)
    yield "Batch size", str(run.request.batch_size)
    for name, value in run.latest.items():
        yield _named(name), "not finite" if value is None else written(value)


def _parameters(card: ModelCard) -> Iterator[Row]:
    for name, value in card.params.items():
        yield _named(name), _value(value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return written(value) if isinstance(value, int | float) else str(value)


def _named(name: str) -> str:
    return name.replace("_", " ").capitalize()
