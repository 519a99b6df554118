"""The laws that every method obeys, whoever wrote it: `studio check` and the test suite run these."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from studio.api.card import GeneratorCard, SpaceKind
from studio.api.dataset import Dataset
from studio.api.frozen import Frozen
from studio.engine.models.model import Model
from studio.engine.training.case import STEPS, Broken, Case
from studio.engine.training.sampling_laws import agrees, exports, integrates, is_deterministic, refuses, shows
from studio.engine.training.stand_ins import stand_ins
from studio.engine.training.toys import TOYS
from studio.engine.training.training_laws import cancels, resumes, spares, trains
from studio.kit.generator import Generator
from studio.kit.preview import PLANE


class Verdict(Frozen):
    """Whether a law holds for a method on a space, and what was seen."""

    method: str
    space: str
    law: str
    holds: bool
    detail: str = ""


Use = Callable[[Model, Dataset], str]


def check(
    card: GeneratorCard, spaces: tuple[SpaceKind, ...] = (), uses: Mapping[str, Use] = MappingProxyType({})
) -> Iterator[Verdict]:
    """Every law, on each space (all that the card accepts and that have a toy, where none is given).

    Args:
        uses: what the exported model must be good for besides, by what is then said of it.
    """
    yield _judge(card, "", "the card imports neither torch nor Qt", lambda: imports_nothing_heavy(card))
    for space in spaces or card.accepts:
        if space in TOYS:
            yield from _check_space(card, TOYS[space](), uses)


def _check_space(card: GeneratorCard, dataset: Dataset, uses: Mapping[str, Use]) -> Iterator[Verdict]:
    cases: list[Case] = []
    if any(not slot.optional for slot in card.inputs):
        yield _judge(card, dataset.signature.space.kind, "there is a model for each input", lambda: finds(card, dataset, cases))
    else:
        cases.append(Case(card, dataset))
    for case in cases:
        yield from _check_case(case, uses)


def _check_case(case: Case, uses: Mapping[str, Use]) -> Iterator[Verdict]:
    trained: list[Generator] = []
    models: list[Model] = []
    with tempfile.TemporaryDirectory() as folder:
        laws: dict[str, Callable[[], str]] = {
            f"{STEPS} steps with finite loss": lambda: trains(case, trained),
            "resume equals the uninterrupted run bit for bit": lambda: resumes(case),
            "a cancelled run leaves a checkpoint of its last step": lambda: cancels(case),
            "sampling is deterministic given the noise": lambda: is_deterministic(trained[0]),
            "controls outside their limits are refused by name": lambda: refuses(trained[0]),
            "an exact density integrates to one": lambda: integrates(trained[0]),
            "every graph agrees with torch at two other batch sizes": lambda: exports(case, trained[0], Path(folder), models),
            "the step loop, the whole graph and torch make the same samples": lambda: agrees(trained[0], models[0]),
        }
        if case.dataset.signature.space == PLANE:
            laws["insights are finite and of their declared shapes"] = lambda: shows(trained[0])
        if case.inputs:
            laws["its inputs are left as they were"] = lambda: spares(case, trained[0])
        for use, good in uses.items():
            laws[use] = lambda good=good: good(models[0], case.dataset)
        for law, holds in laws.items():
            yield _judge(case.card, case.dataset.signature.space.kind, law, holds)
        for model in models:
            model.close()


def _judge(card: GeneratorCard, space: str, law: str, holds: Callable[[], str]) -> Verdict:
    try:
        return Verdict(method=card.id, space=space, law=law, holds=True, detail=holds())
    except Exception as error:  # noqa: BLE001 - whatever a method raises breaks the law
        return Verdict(method=card.id, space=space, law=law, holds=False, detail=f"{type(error).__name__}: {error}")


def imports_nothing_heavy(card: GeneratorCard) -> str:
    """Import the module of the card in a process of its own."""
    package = card.implementation.split(":")[0].split(".")[0]
    code = (
        f"import sys; sys.path[:0] = {sys.path!r}; import {package}; print([m for m in ('torch', 'PySide6') if m in sys.modules])"
    )
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    if seen != "[]":
        raise Broken(f"importing {package} imports {seen}")
    return package


def finds(card: GeneratorCard, dataset: Dataset, cases: list[Case]) -> str:
    """Installed methods can fill every slot that must be filled."""
    cases.append(Case(card, dataset, stand_ins(card, dataset.signature)))
    return ", ".join(f"{slot}: {other.id}" for slot, other in cases[0].inputs.items())
