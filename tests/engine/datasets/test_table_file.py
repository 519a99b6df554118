"""CSV files of unknown origin become tables, or say in words why not."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from studio.api import Dataset, StudioError, Table
from studio.engine.datasets import table_file
from studio.engine.datasets.reference import open_dataset
from studio.engine.datasets.table_file import load_table
from studio.engine.tables import as_csv, cells

COLOURS = ("red", "green", "blue")


def write(folder: Path, text: str | bytes, name: str = "my.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def plain(rows: int = 40, delimiter: str = ",", decimal: str = ".") -> str:
    lines = [f"{k}{delimiter}{k / 8:.2f}".replace(".", decimal) + f"{delimiter}{COLOURS[k % 3]}" for k in range(rows)]
    return "\n".join([delimiter.join(("age", "weight", "colour")), *lines])


def space(dataset: Dataset) -> Table:
    assert isinstance(dataset.signature.space, Table)
    return dataset.signature.space


def told(dataset: Dataset) -> dict[str, str]:
    return {problem.file: problem.reason for problem in dataset.problems}


def test_that_numbers_are_standardised_and_words_one_hot(tmp_path: Path) -> None:
    dataset = load_table(write(tmp_path, plain()))
    rows = np.concatenate([dataset.train, dataset.validation])
    assert rows.shape == (40, 5)
    assert len(dataset.validation) == 8
    assert np.allclose(rows[:, :2].mean(0), 0, atol=1e-6)
    assert np.allclose(rows[:, :2].std(0), 1, atol=1e-5)
    assert set(rows[:, 2:].sum(1)) == {1.0}
    assert [column.categories for column in space(dataset).columns] == [(), (), ("blue", "green", "red")]
    assert dataset.problems == ()


def test_that_a_table_written_again_reads_as_it_was(tmp_path: Path) -> None:
    dataset = load_table(write(tmp_path, plain()))
    rows = np.concatenate([dataset.train, dataset.validation])
    written = as_csv(rows, space(dataset)).splitlines()
    assert written[0] == "age,weight,colour"
    assert sorted(written[1:]) == sorted(plain().splitlines()[1:])


@pytest.mark.parametrize(("delimiter", "decimal"), [(";", ","), ("\t", "."), ("|", "."), (";", ".")])
def test_that_the_delimiter_is_found_and_decimal_commas_are_numbers(tmp_path: Path, delimiter: str, decimal: str) -> None:
    dataset = load_table(write(tmp_path, plain(delimiter=delimiter, decimal=decimal)))
    assert [column.name for column in space(dataset).columns] == ["age", "weight", "colour"]
    assert space(dataset).columns[1].mean == pytest.approx(19.5 / 8, abs=0.01)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_that_other_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    text = plain().replace("red", "rötlich")
    dataset = load_table(write(tmp_path, text.encode(encoding)))
    assert "rötlich" in space(dataset).columns[2].categories
    assert space(dataset).columns[0].name == "age"


def test_that_commas_and_line_breaks_within_quotes_stay_in_their_cell(tmp_path: Path) -> None:
    text = plain().replace("red", '"red, or\nnearly"')
    assert "red, or\nnearly" in space(load_table(write(tmp_path, text))).columns[2].categories


def test_that_missing_numbers_become_the_median_and_missing_words_a_category(tmp_path: Path) -> None:
    text = plain().replace("\n7,0.88,green", "\nNA,0.88,").replace("\n8,1.00,blue", "\n,1.00,?")
    dataset = load_table(write(tmp_path, text))
    assert told(dataset)["column age"] == "2 missing values became the median, 20.5"
    assert "2 missing values are a category" in told(dataset)["column colour"]
    assert table_file.ABSENT in space(dataset).columns[2].categories


def test_that_constant_empty_and_naming_columns_are_left_out(tmp_path: Path) -> None:
    lines = plain(120).splitlines()
    text = "\n".join([lines[0] + ",always,never,name", *(f"{line},1,,person {k}" for k, line in enumerate(lines[1:]))])
    dataset = load_table(write(tmp_path, text))
    assert [column.name for column in space(dataset).columns] == ["age", "weight", "colour"]
    assert told(dataset)["column always"] == "left out: it is always '1'"
    assert told(dataset)["column never"] == "left out: it is empty"
    assert "120 different texts" in told(dataset)["column name"]


def test_that_two_numbers_are_categories_and_three_are_numbers(tmp_path: Path) -> None:
    text = "\n".join(["two,three", *(f"{k % 2},{k % 3}" for k in range(30))])
    assert [column.categories for column in space(load_table(write(tmp_path, text))).columns] == [("0", "1"), ()]


def test_that_rows_of_another_length_are_named_and_skipped(tmp_path: Path) -> None:
    dataset = load_table(write(tmp_path, plain().replace("\n7,0.88,green", "\n7,0.88").replace("\n9,", "\n9,1,")))
    assert len(dataset.train) + len(dataset.validation) == 38
    assert told(dataset) == {"row 8": "it has 2 cells, not 3", "row 10": "it has 4 cells, not 3"}


def test_that_infinite_numbers_count_as_missing(tmp_path: Path) -> None:
    dataset = load_table(write(tmp_path, plain().replace("\n7,", "\ninf,").replace("\n8,", "\n1e999,")))
    assert np.isfinite(dataset.train).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "it is empty"),
        (b"\n\n \n", "it is empty"),
        (b"\x00\x01\x02" * 100, "it is not text"),
        (b"\xff\xfe\x00", "it is not text"),
        (b"PK\x03\x04" + bytes(200), "it is not text"),
        (b"a,b\n1,2\n", "0|1 usable rows"),
        (plain().split("\n", 1)[1].replace("red", "1").replace("green", "2").replace("blue", "3"), "must name the columns"),
        (plain().replace("weight", "age"), "more than one column called 'age'"),
        ("a\n" + "x\n" * 50, "no usable column"),
        ("a,b\n" + '"' + "x" * 200_000 + '",1\n', "it is broken"),
        (",".join(f"c{k}" for k in range(600)) + "\n", "it has 600 columns"),
    ],
)  # fmt: skip
def test_that_what_is_no_table_is_refused_in_words(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(StudioError, match=words):
        load_table(write(tmp_path, text))


def test_that_too_many_rows_and_too_large_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, plain(60))
    monkeypatch.setattr(table_file, "MOST_ROWS", 50)
    with pytest.raises(StudioError, match="more than 50 rows"):
        load_table(path)
    monkeypatch.setattr(table_file, "LARGEST_FILE", 100)
    with pytest.raises(StudioError, match="larger than"):
        load_table(path)


def test_that_a_folder_or_a_pipe_is_no_table(tmp_path: Path) -> None:
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    with pytest.raises(StudioError, match="a folder, not a file"):
        load_table(folder)


def test_that_words_that_are_a_formula_are_kept_as_words(tmp_path: Path) -> None:
    text = plain().replace("red", "=1+1")
    assert "=1+1" in space(load_table(write(tmp_path, text))).columns[2].categories


def test_that_a_csv_file_is_data_by_its_path(tmp_path: Path) -> None:
    assert open_dataset(str(write(tmp_path, plain(delimiter="\t"), "my.TSV")), {}).signature.space.kind == "table"


def test_that_numbers_are_written_with_the_precision_they_came_in(tmp_path: Path) -> None:
    dataset = load_table(write(tmp_path, plain()))
    rows = np.array([[0.123456, -1e9, 0.2, 0.3, 0.4], [np.nan, np.inf, np.nan, 0, 0]], np.float32)
    first, second = cells(rows, space(dataset))
    assert first[0].isdigit()
    assert len(first[1].partition(".")[2]) == 2
    assert first[2] == "red"
    assert list(csv.reader(io.StringIO(as_csv(rows, space(dataset)))))[2][0] == second[0] == "nan"
