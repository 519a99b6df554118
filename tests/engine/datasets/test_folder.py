"""A zoo of files that a folder of pictures may hold."""

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.api import StudioError
from studio.engine.datasets.folder import load_folder
from studio.engine.datasets.picture_file import read_picture
from studio.engine.datasets.regular_file import Unfit

RED = (255, 0, 0)


def picture(path: Path, colour: Any = RED, mode: str = "RGB", size: tuple[int, int] = (40, 30), **options: Any) -> Path:
    Image.new(mode, size, colour).save(path, **options)
    return path


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IEND", b"")


def pixels(width: int, height: int) -> bytes:
    return chunk(b"IDAT", zlib.compress((b"\0" + b"\xff\0\0" * width) * height))


def test_that_broken_files_are_skipped_with_a_reason_each_and_the_good_ones_used(tmp_path: Path) -> None:
    picture(tmp_path / "good.png")
    picture(tmp_path / "also_good.jpg")
    (tmp_path / "empty.png").touch()
    (tmp_path / "page.jpg").write_text("<html><body>404</body></html>")
    whole = picture(tmp_path / "whole.jpg", size=(400, 300)).read_bytes()
    (tmp_path / "truncated.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "huge.png").write_bytes(png(30_000, 30_000, pixels(1, 1)))
    (tmp_path / "large.png").write_bytes(png(9_000, 9_000, pixels(1, 1)))
    (tmp_path / "noise.bin").write_bytes(os.urandom(1000))
    (tmp_path / "notes.txt").write_text("holiday pictures")
    (tmp_path / "drawing.svg").write_text("<svg/>")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    (tmp_path / "nowhere.png").symlink_to(tmp_path / "gone.png")
    (tmp_path / "device.png").symlink_to("/dev/zero")

    dataset = load_folder(tmp_path)

    reasons = {problem.file: problem.reason for problem in dataset.problems}
    assert len(dataset.train) + len(dataset.validation) == 3
    assert reasons["empty.png"] == "it is empty"
    assert "not a picture of a known format" in reasons["page.jpg"]
    assert "broken" in reasons["truncated.jpg"]
    assert "million pixels" in reasons["huge.png"]
    assert "million pixels" in reasons["large.png"]
    assert reasons["pipe.png"] == "it is a named pipe, not a file"
    assert reasons["folder.png"] == "it is a folder, not a file"
    assert "cannot be opened" in reasons["loop.png"]
    assert "cannot be opened" in reasons["nowhere.png"]
    assert reasons["device.png"] == "it is a device, not a file"
    assert {"noise.bin", "notes.txt", "drawing.svg"} <= set(reasons)
    assert not {"good.png", "also_good.jpg", "whole.jpg"} & set(reasons)


def test_that_the_content_decides_the_format_and_not_the_name(tmp_path: Path) -> None:
    picture(tmp_path / "really_png.png").rename(tmp_path / "picture.jpg")
    assert read_picture(tmp_path / "picture.jpg", 8).pixels[4, 4].tolist() == list(RED)


def test_that_sixteen_bit_greys_are_scaled_and_not_clipped(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 61_420, 64).astype(np.uint16), (64, 1))
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    row = read_picture(tmp_path / "ramp.png", 64).pixels[32, :, 0]
    assert len(np.unique(row)) > 50
    assert row[-1] == pytest.approx(61_420 / 257, abs=2)


@pytest.mark.parametrize(("values", "brightest"), [((0.0, 1.0), 255), ((0.0, 200.0), 200), ((-5.0, 70_000.0), 255)])
def test_that_floating_point_greys_are_read_in_their_own_range(
    tmp_path: Path, values: tuple[float, float], brightest: int
) -> None:
    array = np.full((16, 16), values[0], np.float32)
    array[:, 8:] = values[1]
    array[0, 0] = np.nan
    Image.fromarray(array).save(tmp_path / "float.tif")
    read = read_picture(tmp_path / "float.tif", 16).pixels
    assert read[8, 15, 0] == pytest.approx(brightest, abs=1)
    assert read[8, 2, 0] == pytest.approx(0, abs=1)


def test_that_cmyk_palette_bilevel_and_grey_become_colour(tmp_path: Path) -> None:
    picture(tmp_path / "cmyk.jpg", (0, 255, 255, 0), "CMYK")
    assert read_picture(tmp_path / "cmyk.jpg", 8).pixels[4, 4].tolist() == pytest.approx([254, 0, 0], abs=40)
    Image.new("RGB", (9, 9), RED).convert("P").save(tmp_path / "palette.png")
    assert read_picture(tmp_path / "palette.png", 8).pixels[4, 4].tolist() == list(RED)
    assert read_picture(picture(tmp_path / "bilevel.png", 1, "1"), 8).pixels[4, 4].tolist() == [255] * 3
    assert read_picture(picture(tmp_path / "grey.png", 90, "L"), 8).pixels[4, 4].tolist() == [90] * 3


@pytest.mark.parametrize(("mode", "colour"), [("RGBA", (255, 0, 0, 0)), ("LA", (0, 0))])
def test_that_transparent_parts_become_white(tmp_path: Path, mode: str, colour: tuple[int, ...]) -> None:
    assert read_picture(picture(tmp_path / "clear.png", colour, mode), 8).pixels.min() == 255


def test_that_an_animation_gives_its_first_frame_and_says_so(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, (0, 255, 0), (0, 0, 255))]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    dataset = load_folder(tmp_path, 8)
    assert dataset.train[0, :, 4, 4].tolist() == [1, -1, -1]
    assert dataset.problems[0].reason == "used, but only its first frame"


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0, 0)), (2, (0, 1)), (3, (1, 1)), (4, (1, 0)), (6, (0, 1)), (8, (1, 0))]
)
def test_that_exif_orientation_sets_a_picture_upright(tmp_path: Path, orientation: int, corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (32, 32))
    image.paste((255, 255, 255), (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    image.save(tmp_path / "turned.png", exif=exif)
    read = read_picture(tmp_path / "turned.png", 32).pixels
    assert read[8 + 16 * corner[0], 8 + 16 * corner[1]].min() > 200
    assert (read[8::16, 8::16].max(-1) > 200).sum() == 1


def test_that_a_picture_is_scaled_by_its_short_side_and_cut_at_its_centre(tmp_path: Path) -> None:
    image = Image.new("RGB", (300, 100), "white")
    image.paste(RED, (100, 0, 200, 100))
    image.save(tmp_path / "wide.png")
    assert read_picture(tmp_path / "wide.png", 50).pixels[5:-5, 5:-5].reshape(-1, 3).min(0).tolist() == list(RED)


def test_that_names_that_are_no_utf8_neither_crash_nor_break_the_report(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.png"
    Path(os.fsdecode(name)).write_bytes(b"no picture")
    picture(tmp_path / "good.png")
    problem = load_folder(tmp_path, 8).problems[0]
    assert problem.file == "caf\ufffd.png"
    assert problem.model_dump_json()


def test_that_a_text_bomb_costs_little_memory(tmp_path: Path) -> None:
    bomb = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(2**20), 9))
    (tmp_path / "bomb.png").write_bytes(png(4, 4, *[bomb] * 200, pixels(4, 4)))
    (tmp_path / "behind.png").write_bytes(png(4, 4, pixels(4, 4), *[bomb] * 200))
    program = (
        "import resource, sys; from pathlib import Path; from studio.engine.datasets.picture_file import read_picture\n"
        "from studio.engine.datasets.regular_file import Unfit\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for name in sys.argv[1:]:\n"
        "    try: read_picture(Path(name), 8)\n"
        "    except Unfit: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    files = [str(tmp_path / "bomb.png"), str(tmp_path / "behind.png")]
    run = subprocess.run([sys.executable, "-c", program, *files], capture_output=True, text=True, timeout=60, check=True)
    assert int(run.stdout) < 200 * 1024


def test_that_a_file_larger_than_the_bound_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse.png").open("wb") as file:
        file.truncate(65 * 2**20)
    with pytest.raises(Unfit, match="larger than 64 MiB"):
        read_picture(tmp_path / "sparse.png", 8)


def test_that_subfolders_are_classes_where_every_picture_lies_in_one(tmp_path: Path) -> None:
    for kind, colour in (("cats", RED), ("dogs", (0, 0, 255))):
        (tmp_path / kind / "more").mkdir(parents=True)
        picture(tmp_path / kind / "1.png", colour)
        picture(tmp_path / kind / "more" / "2.png", colour)
    (tmp_path / "nothing").mkdir()
    dataset = load_folder(tmp_path, 8)
    assert dataset.signature.classes == ("cats", "dogs")
    assert dataset.train_labels is not None
    red = dataset.train[:, 0, 4, 4] > 0
    assert np.array_equal(red, dataset.train_labels == 0)

    picture(tmp_path / "stray.png")
    assert load_folder(tmp_path, 8).signature.classes == ()


def test_that_a_folder_linked_into_itself_ends(tmp_path: Path) -> None:
    picture(tmp_path / "good.png")
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert len(load_folder(tmp_path, 8).train) == 1


def test_that_grey_pictures_make_a_grey_data_set(tmp_path: Path) -> None:
    for k in range(4):
        picture(tmp_path / f"{k}.png", 60 * k, "L")
    assert load_folder(tmp_path, 8).signature.space.shape == (1, 8, 8)
    picture(tmp_path / "colour.png")
    assert load_folder(tmp_path, 8).signature.space.shape == (3, 8, 8)


def test_that_a_folder_without_a_usable_picture_says_why(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="There are no pictures in"):
        load_folder(tmp_path)
    (tmp_path / "a.png").touch()
    (tmp_path / "b.png").write_text("hello")
    with pytest.raises(StudioError, match=r"None of the 2 files .* a.png: it is empty; b.png: it is not a picture"):
        load_folder(tmp_path)


def test_that_a_size_out_of_range_is_refused_with_its_limits(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="from 8 to 256"):
        load_folder(tmp_path, 4)


def test_that_pictures_beyond_the_memory_bound_are_left_out_from_a_named_one_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for k in range(5):
        picture(tmp_path / f"{k}.png")
    monkeypatch.setattr("studio.engine.datasets.folder.MOST_BYTES", 3 * 12 * 64)
    dataset = load_folder(tmp_path, 8)
    assert len(dataset.train) + len(dataset.validation) == 3
    assert dataset.problems[0].file == "3.png"


@pytest.mark.parametrize("seed", range(3))
def test_that_damaged_pictures_never_escape_the_report(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    for form in ("png", "jpg", "gif", "webp", "bmp", "tiff", "ppm"):
        whole = bytearray(picture(tmp_path / f"whole.{form}", size=(32, 24)).read_bytes())
        for k in range(30):
            damaged = whole.copy()
            for place in rng.integers(len(whole), size=4):
                damaged[place] = int(rng.integers(256))
            (tmp_path / f"{k}.{form}").write_bytes(damaged)
    dataset = load_folder(tmp_path, 8)
    assert len(dataset.train) + len(dataset.validation) + len([p for p in dataset.problems if "used" not in p.reason]) == 7 * 31


def test_that_a_folder_of_other_things_is_told_in_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.datasets.folder.MOST_PROBLEMS", 2)
    for k in range(5):
        (tmp_path / f"{k}.txt").write_text("x")
    picture(tmp_path / "good.png")
    problems = load_folder(tmp_path, 8).problems
    assert [problem.file for problem in problems] == ["0.txt", "1.txt", "…"]
    assert problems[-1].reason == "and 3 more files that cannot be used"
