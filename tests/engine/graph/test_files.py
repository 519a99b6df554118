"""Graph files: data and nothing else."""

import json
import os

import pytest

from studio.api import StudioError
from studio.engine.graph import files
from studio.engine.graph.files import load, parse, save


def test_that_a_graph_comes_back_as_it_was_saved(tmp_path, graph_of):
    graph = graph_of("a.number > b.a", a=("give", {"value": 0.1}), b="add")
    save(graph, tmp_path / "new" / "graph.json")
    assert load(tmp_path / "new" / "graph.json") == graph


def test_that_a_node_of_an_unknown_type_is_kept(tmp_path, graph_of):
    graph = graph_of(a=("os.system", {"command": "true"}))
    save(graph, tmp_path / "graph.json")
    assert load(tmp_path / "graph.json").node("a").values == {"command": "true"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 65 + "]" * 65, "nested more than 64 deep"),
        ('{"a":' * 100_000, "nested more than 64 deep"),
        ('{"version": 1, "version": 1}', "'version' comes twice"),
        ('{"nodes": [{"id": "a", "type": "b", "position": [NaN, 0]}]}', "NaN is not a finite number"),
        ('{"nodes": [{"id": "a", "type": "b", "position": [1e999, 0]}]}', "1e999 is not a finite number"),
        ('{"nodes": [{"id": "a", "type": "b", "position": [-Infinity, 0]}]}', "not a finite number"),
        ('{"nodes": [{"id": "a", "type": "b", "position": [1e300, 0]}]}', "outside the canvas"),
        ('{"nodes": [{"id": "a"}]}', "field required at nodes → 0 → type"),
        ('{"nodes": [], "__reduce__": 1}', "not a graph"),
        ('{"version": 99}', "format 99"),
        ('{"version": "1"}', "format '1'"),
        ('{"nodes": [{"id": "a", "type": "b"}, {"id": "a", "type": "b"}]}', "two nodes of one id"),
        ('{"links": [{"source": "a", "output": "x", "target": "b", "input": "y"}]}', "one of them is not there"),
        ('{"version": ' + "9" * 5000 + "}", "not a graph"),
        ("[]", "is not a graph"),
        ("", "is not a graph"),
        ("\x00\xff", "is not a graph"),
    ],
)
def test_that_what_is_no_graph_is_refused_in_words(text, words):
    with pytest.raises(StudioError, match=words):
        parse(text)


def test_that_brackets_inside_text_do_not_count_as_depth():
    text = json.dumps({"nodes": [{"id": "a", "type": "[" * 100 + '\\"' + "{" * 100}]})
    assert len(parse(text).nodes) == 1


def test_that_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(files.LARGEST + 1)
    with pytest.raises(StudioError, match="larger than 16 MiB"):
        load(tmp_path / "huge.json")


def test_that_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "graph.json")
    with pytest.raises(StudioError, match="is not a file"):
        load(tmp_path / "graph.json")


def test_that_an_older_file_is_brought_forward(monkeypatch):
    monkeypatch.setattr(files, "MIGRATIONS", {0: lambda data: {"version": 1, "nodes": data["boxes"]}})
    assert parse('{"version": 0, "boxes": [{"id": "a", "type": "give"}]}').node("a").type == "give"


def test_that_a_file_that_cannot_be_replaced_stays_whole(tmp_path, graph_of, monkeypatch):
    path = tmp_path / "graph.json"
    save(graph_of(a="give"), path)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StudioError, match="disk is full"):
        save(graph_of(b="give"), path)
    assert load(path).node("a")
    assert [found.name for found in tmp_path.iterdir() if found.is_file()] == ["graph.json"]
