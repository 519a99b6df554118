"""Make resources/data/emoji.npz: every emoji of Unicode as a picture of 32x32 with its English name, group and subgroup.

Needs Debian's fonts-noto-color-emoji and unicode-data, and Pillow with raqm (its wheels have it).
Run: python packaging/data/emoji.py
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

TARGET = Path(__file__).parents[2] / "resources" / "data"
FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
LIST = Path("/usr/share/unicode/emoji/emoji-test.txt")
NOTICES = {"the font": "/usr/share/doc/fonts-noto-color-emoji/copyright", "the names": "/usr/share/doc/unicode-data/copyright"}
NATIVE, SIDE, STRIKE = 136, 32, 109
LINE = re.compile(r"(?P<points>[0-9A-F ]+?)\s*; fully-qualified\s*# \S+ E[0-9.]+ (?P<name>.+)")
LICENCE = """\
emoji.npz: pictures of all fully-qualified emoji at 32x32, with names, groups and subgroups.

Pictures: rendered from Noto Color Emoji, copyright 2013-2017 Google Inc. and Arjen Nienhuis. The font is under the SIL Open
Font License 1.1 (which does not extend to documents made with it); the drawings are also under the Apache License 2.0.
Names and groups: emoji-test.txt, copyright 2022 Unicode, Inc., under the Unicode License; modified (reduced to a table).
Made by packaging/data/emoji.py from Debian's fonts-noto-color-emoji and unicode-data, whose notices follow.
"""


class Emoji(NamedTuple):
    """One line of the list."""

    text: str
    name: str
    group: str
    subgroup: str


def main() -> None:
    """Write the pictures (N, 32, 32, 3), captions, group and subgroup indices and their names."""
    font = ImageFont.truetype(FONT, STRIKE, layout_engine=ImageFont.Layout.RAQM)
    emoji = [(entry, picture) for entry in _entries() if (picture := _draw(font, entry.text)) is not None]
    groups, group = _index([entry.group for entry, _ in emoji])
    subgroups, subgroup = _index([entry.subgroup for entry, _ in emoji])
    np.savez_compressed(
        TARGET / "emoji.npz",
        pictures=np.stack([picture for _, picture in emoji]),
        captions=np.array([entry.name for entry, _ in emoji]),
        groups=groups, group=group, subgroups=subgroups, subgroup=subgroup,
    )  # fmt: skip
    notices = "".join(f"\n{'-' * 40} {what}\n\n{Path(path).read_text('utf-8')}" for what, path in NOTICES.items())
    (TARGET / "emoji.LICENCE.txt").write_text(LICENCE + notices, "utf-8")
    print(f"emoji: {len(emoji)} pictures, {len(groups)} groups, {len(subgroups)} subgroups")


def _entries() -> Iterator[Emoji]:
    headings = {"group": "", "subgroup": ""}
    for line in LIST.read_text("utf-8").splitlines():
        if heading := re.match(r"# (group|subgroup): (.+)", line):
            headings[heading[1]] = heading[2]
        elif entry := LINE.match(line):
            text = "".join(chr(int(point, 16)) for point in entry["points"].split())
            yield Emoji(text, entry["name"], headings["group"], headings["subgroup"])


def _draw(font: ImageFont.FreeTypeFont, text: str) -> np.ndarray | None:
    """The glyph on white, (32, 32, 3) bytes; None where the font has no single glyph for the sequence."""
    left, top, right, bottom = font.getbbox(text)
    if right - left > 1.2 * NATIVE or right <= left:
        return None
    canvas = Image.new("RGBA", (NATIVE, NATIVE), (255, 255, 255, 0))
    corner = ((NATIVE - right - left) / 2, (NATIVE - bottom - top) / 2)
    ImageDraw.Draw(canvas).text(corner, text, font=font, embedded_color=True)
    white = Image.new("RGBA", canvas.size, "white")
    return np.asarray(Image.alpha_composite(white, canvas).convert("RGB").resize((SIDE, SIDE), Image.Resampling.LANCZOS))


def _index(names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    unique = list(dict.fromkeys(names))
    return np.array(unique), np.array([unique.index(name) for name in names], np.uint8)


if __name__ == "__main__":
    main()
