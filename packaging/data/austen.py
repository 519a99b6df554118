"""Make resources/data/austen.txt.xz: two novels out of Debian's r-cran-janeaustenr, paragraphs unwrapped.

Run: python packaging/data/austen.py [DEB]   (without an argument the package is fetched by `apt-get download`)
"""

import lzma
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parents[2] / "resources" / "data"
STORE = "usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"
NOVELS = ("PRIDE AND PREJUDICE", "SENSE AND SENSIBILITY")
LICENCE = """\
austen.txt.xz: Jane Austen, "Pride and Prejudice" (1813) and "Sense and Sensibility" (1811).

The novels are in the public domain. They were taken from the R package janeaustenr (Julia Silge, MIT licence,
https://github.com/juliasilge/janeaustenr), which has them from Project Gutenberg without its header, as packaged by Debian.
Change: the lines of a paragraph are joined, paragraphs are parted by one line end, underscores that mark italics are removed
(packaging/data/austen.py).
"""


def main() -> None:
    """Write the text as UTF-8, compressed."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(sys.argv[1]) if len(sys.argv) > 1 else _download(Path(folder))
        subprocess.run(["dpkg-deb", "-x", str(package), folder], check=True)
        books = {lines[0].strip(): lines for lines in _vectors((Path(folder) / STORE).read_bytes())}
    text = "\n\n".join(_unwrap(books[title]) for title in NOVELS) + "\n"
    (TARGET / "austen.txt.xz").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    (TARGET / "austen.LICENCE.txt").write_text(LICENCE, "utf-8")
    print(f"austen: {len(text)} characters, {len(set(text))} distinct: {''.join(sorted(set(text)))!r}")


def _download(folder: Path) -> Path:
    subprocess.run(["apt-get", "download", "-q", "r-cran-janeaustenr"], cwd=folder, check=True)
    return next(folder.glob("*.deb"))


def _vectors(store: bytes) -> Iterator[list[str]]:
    """The character vectors in an R lazy-load store: chunks of a big-endian length and a zlib stream, end to end."""
    position = 0
    while position < len(store):
        stream = zlib.decompressobj()
        yield _strings(stream.decompress(store[position + 4 :]))
        position = len(store) - len(stream.unused_data)


def _strings(data: bytes) -> list[str]:
    """An R serialisation (XDR, version 3) of one character vector."""
    position = 2 + 12 + 4 + struct.unpack_from(">I", data, 14)[0]
    kind, count = struct.unpack_from(">II", data, position)
    if kind & 0xFF != 16:
        return [""]
    position, strings = position + 8, []
    for _ in range(count):
        _, length = struct.unpack_from(">Ii", data, position)
        strings.append(data[position + 8 : position + 8 + max(length, 0)].decode("utf-8"))
        position += 8 + max(length, 0)
    return strings


def _unwrap(lines: list[str]) -> str:
    paragraphs = re.split(r"\n\s*\n", "\n".join(lines).strip())
    return "\n".join(re.sub(r"\s+", " ", paragraph).replace("_", "").strip() for paragraph in paragraphs)


if __name__ == "__main__":
    main()
