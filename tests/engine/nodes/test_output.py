"""Nodes that show and keep results."""

import json
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from studio.engine.nodes import studio_nodes
from studio.engine.nodes.panels import GAP
from studio.engine.pictures import pictures
from studio.engine.png import read_text


def two(graph, type, kinds=("picture", "picture"), **values):
    nodes = {
        "m": ("model", {"model": kinds[0]}),
        "o": ("model", {"model": kinds[1]}),
        "a": ("sample", {"count": 4}),
        "b": ("sample", {"count": 4, "seed": 1}),
    }
    links = ("m.model > a.model", "o.model > b.model", "a.samples > x.a", "b.samples > x.b")
    return graph(*links, x=(type, values), **nodes)


def saving(graph, kind="picture", **values):
    nodes = {
        "m": ("model", {"model": kind}),
        "n": ("noise", {"seed": 7, "count": 4}),
        "s": ("sample",),
        "k": ("save_image", values),
    }
    return graph("m.model > s.model", "m.model > n.model", "n.latent > s.noise", "s.samples > k.image", **nodes)


def test_that_a_grid_has_every_sample_in_so_many_columns(studio, graph):
    made = studio.values(two(graph, "grid", columns=3))["x"]
    rows = 3
    assert made.array.shape == (1, 4, 4 * rows + GAP * (rows - 1), 4 * 3 + GAP * 2)


def test_that_a_grid_shows_the_samples_themselves(studio, graph):
    values = studio.values(two(graph, "grid", columns=8))
    first = np.clip(values["a"].array[0, 0], -1, 1)
    assert np.allclose(values["x"].array[0, 0, :4, :4], first, atol=0.02)


def test_that_a_comparison_has_a_row_for_each_model(studio, graph):
    values = studio.values(two(graph, "compare", count=2))
    made = values["x"]
    assert made.array.shape == (1, 4, 4 * 2 + GAP, 4 * 2 + GAP)
    assert made.title == "Toy picture | Toy picture"
    assert np.allclose(made.array[0, 0, 4 + GAP :, :4], np.clip(values["b"].array[0, 0], -1, 1), atol=0.02)


def test_that_points_are_compared_as_pictures_with_pictures(studio, graph):
    made = studio.values(two(graph, "compare", ("cloud", "picture")))["x"]
    assert made.space.kind == "image"
    assert made.array.max() > made.array.min()


def test_that_texts_are_compared_under_their_names(studio, graph):
    made = studio.values(two(graph, "compare", ("words", "words"), count=1))["x"]
    assert made.text.count("── Toy words") == 2


def test_that_text_in_a_grid_is_refused_with_a_remedy(studio, graph):
    assert "Link them to a text view" in studio.failure(two(graph, "grid", ("words", "words")))


def test_that_pictures_cannot_be_linked_to_a_text_view(studio, graph):
    nodes = {"m": ("model", {"model": "picture"}), "s": ("sample",), "t": ("text_view",)}
    assert "takes text, and image came in" in studio.failure(graph("m.model > s.model", "s.samples > t.text", **nodes))


def test_that_a_saved_picture_can_be_opened_and_says_where_it_comes_from(studio, graph):
    document = saving(graph)
    studio.run(document)
    (info,) = pictures(studio.folder)
    with Image.open(info.path) as picture:
        assert picture.size == (4 * 2 + GAP, 4 * 2 + GAP)
    assert info.graph == document
    assert info.models == ("picture",)
    assert info.seed == 7


def test_that_saving_twice_keeps_both(studio, graph):
    studio.run(saving(graph, name="mine"))
    studio.run(saving(graph, name="mine"))
    assert sorted(path.name for path in studio.folder.iterdir()) == ["mine-0001.png", "mine-0002.png"]


def test_that_only_what_led_to_the_picture_is_kept_with_it(studio, graph):
    document = saving(graph)
    extra = graph(z=("prompt",))
    studio.run(document.add(extra.nodes[0]))
    (info,) = pictures(studio.folder)
    assert info.graph == document


def test_that_words_are_saved_as_text_and_points_as_numbers_with_their_lineage(studio, graph):
    words = {"m": ("model", {"model": "words"}), "s": ("sample", {"count": 2}), "k": ("save_image",)}
    studio.run(graph("m.model > s.model", "s.samples > k.image", **words))
    studio.run(saving(graph, "cloud"))
    found = {info.path[-4:]: info for info in pictures(studio.folder)}
    assert set(found) == {".txt", ".npz"}
    assert found[".txt"].models == ("words",)
    assert np.load(found[".npz"].path)["samples"].shape == (4, 2)
    assert found[".npz"].seed == 7


@pytest.mark.parametrize("folder", ["/etc", "../..", "a/../../b", "C:\\x", "..\\x"])
def test_that_a_graph_cannot_write_outside_the_pictures(studio, graph, folder):
    assert "outside your pictures" in studio.failure(saving(graph, folder=folder))


def test_that_a_folder_that_cannot_be_written_to_is_named(studio, graph):
    studio.folder.parent.joinpath("pictures").write_text("a file where the folder should be")
    assert "Choose another folder" in studio.failure(saving(graph))


def test_that_broken_and_hostile_pictures_are_listed_without_lineage(tmp_path):
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"iTXt", b"studio\0\1\0\0\0" + __import__("zlib").compress(b"[" * 50_000_000))
    (tmp_path / "bomb.png").write_bytes(bomb)
    (tmp_path / "deep.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"iTXt", b"studio\0\0\0\0\0" + b'{"graph":' * 100_000))
    (tmp_path / "short.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\xff")
    (tmp_path / "list.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"iTXt", b"studio\0\0\0\0\0[1]"))
    (tmp_path / "odd.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"iTXt", b'studio\0\0\0\0\0{"graph": 1, "models": 2, "seed": "x"}')
    )
    (tmp_path / "link.png").symlink_to("/dev/zero")
    assert [(info.graph, info.models, info.seed) for info in pictures(tmp_path)] == [(None, (), None)] * 5


def test_that_text_by_other_writers_is_read(tmp_path):
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_itxt("studio", json.dumps({"seed": 3}), zip=True)
    Image.new("RGB", (2, 2)).save(tmp_path / "other.png", pnginfo=info)
    assert read_text((tmp_path / "other.png").read_bytes(), "studio") == '{"seed": 3}'
    assert pictures(tmp_path)[0].seed == 3


def test_that_every_built_in_node_has_an_id_of_its_own_and_words_for_everything():
    types = [node.type for node in studio_nodes()]
    assert Counter(type.id for type in types).most_common(1)[0][1] == 1
    assert all(type.summary and type.title and type.category for type in types)
    assert all(parameter.help for type in types for parameter in type.parameters)


def chunk(kind, body):
    return len(body).to_bytes(4, "big") + kind + body + b"\0\0\0\0"


def test_that_tables_are_saved_as_csv_and_sounds_as_wav():
    from studio.api.space import Audio, Column, Table
    from studio.api.values import Samples
    from studio.engine.nodes.save_image import _encoded

    table = Table(columns=(Column(name="age", decimals=1), Column(name="pet", categories=("cat", "dog"))))
    assert _encoded(Samples(np.array([[2.0, 0, 1]]), table), "{}") == (".csv", b"age,pet\n2.0,dog\n")
    suffix, data = _encoded(Samples(np.zeros((1, 1, 100)), Audio(rate=8000, length=100)), "{}")
    assert suffix == ".wav"
    assert data[:4] + data[8:12] == b"RIFFWAVE"
