import json
from pathlib import Path

import pytest

from studio.api.events import Message, Step
from studio.engine.runs import journal
from studio.engine.runs.journal import Journal, Reader, append, read


def step(k: int) -> Step:
    return Step(stage="train", step=k, total=None, seconds=0.1, values={"loss": 1.0 / (k + 1), "bad": None})


def written(path: Path, count: int) -> Journal:
    log = Journal(path)
    for k in range(count):
        log.append(step(k))
    return log


def test_that_entries_come_back_in_order_and_without_gaps(tmp_path: Path):
    written(tmp_path / "j", 5).close()
    append(tmp_path / "j", Message(text="more"))
    found = read(tmp_path / "j").entries
    assert [entry.seq for entry in found] == [0, 1, 2, 3, 4, 5]
    assert found[3].event == step(3)


def test_that_a_reader_reads_on_where_it_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    log = written(tmp_path / "j", 3)
    reader = Reader(log.path)
    assert [entry.seq for entry in reader.read()] == [0, 1, 2]
    log.append(step(3))
    offsets: list[int] = []
    real = journal._lines
    monkeypatch.setattr(journal, "_lines", lambda path, offset: offsets.append(offset) or real(path, offset))
    assert [entry.seq for entry in reader.read(2)] == [3]
    assert offsets[0] > 0
    assert [entry.seq for entry in reader.read(0)] == [1, 2, 3]
    assert reader.read(3) == []
    log.close()


def test_that_a_line_still_being_written_is_read_when_it_is_whole(tmp_path: Path):
    log = written(tmp_path / "j", 1)
    line = log.path.read_bytes().replace(b'"seq":0', b'"seq":1')
    with log.path.open("ab") as file:
        file.write(line[:20])
        file.flush()
        first = read(log.path)
        file.write(line[20:])
    assert len(first.entries) == 1
    assert [entry.seq for entry in read(log.path, first.offset).entries] == [1]
    log.close()


@pytest.mark.parametrize("chunk", [7, 64, 2**20])
def test_that_a_torn_last_line_is_cut_off_and_the_numbers_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int):
    monkeypatch.setattr(journal, "CHUNK", 2**20 if chunk > 2**10 else 400 + chunk)
    written(tmp_path / "j", 4).close()
    whole = (tmp_path / "j").read_bytes()
    for cut in range(1, 60, 9):
        (tmp_path / "j").write_bytes(whole[:-cut])
        append(tmp_path / "j", Message(text="after the crash"))
        found = read(tmp_path / "j")
        assert [entry.seq for entry in found.entries] == [0, 1, 2, 3]
        assert found.dropped == 0


def test_that_garbage_and_huge_lines_are_dropped_and_counted(tmp_path: Path):
    written(tmp_path / "j", 2).close()
    huge = json.dumps({"seq": 9, "time": 0, "event": {"kind": "message", "text": "x" * 70_000}}).encode()
    with (tmp_path / "j").open("ab") as file:
        file.write(b"\xff\xfe\x00garbage\n{}\n[1\n" + huge + b"\n" + b"nan\n")
    append(tmp_path / "j", step(2))
    found = read(tmp_path / "j")
    assert [entry.seq for entry in found.entries] == [0, 1, 2]
    assert found.dropped == 5


def test_that_a_missing_journal_is_an_empty_one(tmp_path: Path):
    assert read(tmp_path / "none") == journal.Stretch([], 0, 0)
