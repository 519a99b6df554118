"""Models from elsewhere, before they are loaded."""

import json
from typing import NamedTuple

import pytest

from studio.api import ImporterCard, ImportOptions, Outline, StudioError
from studio.api.weights import read_config, read_head, weight_files
from studio.engine.models import foreign
from studio.engine.models.foreign import describe, obstacles, recognise

CARD = ImporterCard(
    id="toy", family="gan", title="Toys", papers=(), mark="toy.json", outline="nowhere:outline", implementation="nowhere:open"
)
OUTLINE = Outline(
    importer="toy", architecture="ToyModel", title="Toy", weights={"F16": 2 * 10**9, "F32": 5 * 10**8}, activations=10**9
)  # fmt: skip


class Memory(NamedTuple):
    available: int


class Disk(NamedTuple):
    free: int


@pytest.fixture
def machine(monkeypatch):
    """Says how many bytes of memory and disk are free."""

    def set_free(memory, disk):
        monkeypatch.setattr(foreign.psutil, "virtual_memory", lambda: Memory(memory))
        monkeypatch.setattr(foreign.shutil, "disk_usage", lambda _: Disk(disk))

    return set_free


def test_that_the_mark_decides_who_opens_a_folder(tmp_path):
    other = CARD.model_copy(update={"id": "other", "mark": "other.json"})
    (tmp_path / "toy.json").touch()
    assert recognise(tmp_path, {"other": other, "toy": CARD}) is CARD


def test_that_a_folder_without_any_mark_is_refused_with_what_would_do(tmp_path):
    with pytest.raises(StudioError, match=r"none of card.json .*toy.json \(Toys\)"):
        recognise(tmp_path, {"toy": CARD})


def test_that_graphs_of_others_are_refused_where_there_are_no_weights(tmp_path):
    for name in ("toy.json", "unet.onnx"):
        (tmp_path / name).touch()
    with pytest.raises(StudioError, match=r"by Optimum perhaps.*that it was exported from"):
        recognise(tmp_path, {"toy": CARD})
    (tmp_path / "unet.safetensors").touch()
    assert recognise(tmp_path, {"toy": CARD}) is CARD


def test_that_a_missing_package_is_named_with_the_command_that_installs_it(tmp_path):
    (tmp_path / "toy.json").touch()
    needy = CARD.model_copy(update={"packages": ("json", "no_such_package")})
    with pytest.raises(StudioError, match="pip install no_such_package$"):
        recognise(tmp_path, {"toy": needy})


def test_that_the_needs_are_told_by_type_of_weight():
    assert OUTLINE.size == 10 * 10**9
    assert describe(OUTLINE) == (
        "ToyModel: 2,000.0 million F16, 500.0 million F32 weights. Memory: about 76 GB to import it, 11 GB to run it; 10 GB on "
        "the disk."
    )


def test_that_what_does_not_fit_is_said_before_it_is_loaded(machine, tmp_path):
    machine(OUTLINE.memory_to_import, OUTLINE.size)
    assert obstacles(OUTLINE, tmp_path) == []
    machine(OUTLINE.memory_to_import - 1, OUTLINE.size)
    assert "of memory" in obstacles(OUTLINE, tmp_path)[0]
    machine(OUTLINE.memory_to_import, OUTLINE.size - 1)
    assert "on the disk" in obstacles(OUTLINE, tmp_path)[0]


def write(path, head, data=b""):
    text = json.dumps(head).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, "should end at byte 8"),
        ({"w": {"dtype": "F32", "shape": [3], "data_offsets": [0, 4]}}, "size that its shape says"),
        ({"w": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}, "size that its shape says"),
        ({"w": {"dtype": "PICKLE", "shape": [1], "data_offsets": [0, 4]}}, "unknown type PICKLE"),
        ({"w": "evil"}, "head cannot be read"),
        ([1, 2], "head cannot be read"),
    ],
)
def test_that_a_lying_head_is_refused(tmp_path, head, reason):
    with pytest.raises(StudioError, match=reason):
        read_head(write(tmp_path / "w.safetensors", head, bytes(4)))


def test_that_a_head_is_read_without_its_weights(tmp_path):
    head = {"__metadata__": {"format": "pt"}, "w": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}}
    assert {name: tensor.count for name, tensor in read_head(write(tmp_path / "w", head, bytes(12))).items()} == {"w": 6}


def test_that_an_index_cannot_name_files_elsewhere(tmp_path):
    (tmp_path / "outside.safetensors").touch()
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"w": "../outside.safetensors"}}))
    with pytest.raises(StudioError, match="which is not in"):
        weight_files(inside, "model")


def test_that_half_precision_files_are_used_where_there_are_no_others(tmp_path):
    half = tmp_path / "model.fp16.safetensors"
    half.touch()
    assert weight_files(tmp_path, "model") == [half]
    (tmp_path / "model.safetensors").touch()
    assert weight_files(tmp_path, "model") == [tmp_path / "model.safetensors"]


@pytest.mark.parametrize("text", ["[1]", "{", ""])
def test_that_settings_that_are_none_are_refused(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(StudioError, match=r"config.json"):
        read_config(tmp_path / "config.json")


def test_that_a_context_cannot_be_negative():
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        ImportOptions(context=-1)
