"""Which models there are, and what a name means."""

from pathlib import Path

import pytest

from studio.api import ModelCard, Points, Signature, StudioError
from studio.engine.models.catalog import identity, models, resolve


def put(folder: Path, created: str = "2026-01-01T00:00:00") -> Path:
    folder.mkdir(parents=True)
    card = ModelCard(
        id="x", title="X", method="m", family="vae", plugin="p", signature=Signature(space=Points(dimensions=2)), params={},
        dataset="d", run="r", step=1, parameters=1, created=created, studio="0", samplers=(),
    )  # fmt: skip
    (folder / "card.json").write_text(card.model_dump_json())
    return folder


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    home, resources = tmp_path / "home", tmp_path / "resources"
    put(resources / "models" / "ddpm")
    put(home / "runs" / "gpt-1" / "model", "2026-01-02T00:00:00")
    put(home / "runs" / "gpt-2" / "model", "2026-01-03T00:00:00")
    put(home / "models" / "friend")
    return home, resources


def test_that_starters_come_first_and_the_newest_run_before_older_ones(places: tuple[Path, Path]) -> None:
    found = [info.reference for info in models(*places)]
    assert found == ["starter:ddpm", "run:gpt-2", "run:gpt-1", "model:friend"]


def test_that_a_folder_whose_card_is_broken_is_left_out(places: tuple[Path, Path]) -> None:
    (places[0] / "models" / "friend" / "card.json").write_text("{")
    assert "model:friend" not in [info.reference for info in models(*places)]


@pytest.mark.parametrize("reference", ["starter:ddpm", "ddpm"])
def test_that_a_starter_goes_by_its_name(reference: str, places: tuple[Path, Path]) -> None:
    assert resolve(reference, *places) == places[1] / "models" / "ddpm"


def test_that_a_run_goes_by_its_id_or_its_folder(places: tuple[Path, Path]) -> None:
    run = places[0] / "runs" / "gpt-1"
    assert {resolve(word, *places) for word in ("run:gpt-1", "gpt-1", str(run), str(run / "model"))} == {run / "model"}


def test_that_near_matches_are_named(places: tuple[Path, Path]) -> None:
    with pytest.raises(StudioError, match="no model 'starter:dppm'. Did you mean starter:ddpm"):
        resolve("starter:dppm", *places)


def test_that_the_identity_changes_with_the_files(places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(places[0]))
    before = identity("model:friend")
    (places[0] / "models" / "friend" / "more.onnx").write_bytes(b"x")
    assert identity("model:friend") != before
