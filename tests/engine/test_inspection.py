from pathlib import Path

import pytest
from PIL import Image

from studio.api import StudioError
from studio.engine.datasets.catalog import CARDS
from studio.engine.inspection import inspect_dataset

cards = {card.id: card for card in CARDS}


@pytest.mark.parametrize("name", cards)
def test_that_every_shipped_data_set_shows_samples_of_its_kind(name: str) -> None:
    info = inspect_dataset(name, cards)
    assert info.card.kind == info.signature.space.kind
    kinds = {
        "points": ("points", 2048), "image": ("pictures", 64), "tokens": ("texts", 64), "audio": ("audio", 9),
        "table": ("table", 64), "views": ("pictures", 40),
    }  # fmt: skip
    assert (info.thumbnails.kind, info.thumbnails.count) == kinds[info.card.kind]
    assert type(info).model_validate_json(info.model_dump_json()) == info


def test_that_a_look_is_remembered_until_a_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.new("RGB", (40, 40), "red").save(tmp_path / "a.png")
    (tmp_path / "b.png").touch()
    first = inspect_dataset(f"{tmp_path}@16", cards)
    assert first.count == 1
    assert first.problems[0].file == "b.png"
    assert inspect_dataset(f"{tmp_path}@16", cards) is first
    Image.new("RGB", (40, 40), "blue").save(tmp_path / "b.png")
    second = inspect_dataset(f"{tmp_path}@16", cards)
    assert (second.count, second.validation, second.problems) == (1, 1, ())
    assert second.card.title == tmp_path.name + "@16" or second.card.title == tmp_path.name


def test_that_an_unknown_name_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(StudioError, match="Did you mean moons"):
            inspect_dataset("moon", cards)
