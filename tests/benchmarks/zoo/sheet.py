"""A contact sheet of what the measured models make, to be looked at.

    python -m tests.benchmarks.zoo.sheet OUT.png

Every training of the zoo leaves a picture of its samples in the temporary folder; this command puts them together.
"""

import re
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from studio.home import resources

FOLDER = Path(tempfile.gettempdir()) / "studio-zoo-samples"
SIDE, GAP, CAPTION, ACROSS = 220, 16, 24, 6


def path_for(method: str, data: str) -> Path:
    """Where the samples of a method on a data set are kept."""
    FOLDER.mkdir(exist_ok=True)
    return FOLDER / f"{method} {re.sub(r'[^a-z0-9_]+', '-', data.lower())}.png"


def sheet(paths: list[Path]) -> Image.Image:
    """The pictures in rows, each over its name."""
    font = ImageFont.truetype(str(resources() / "fonts" / "Inter-Medium.otf"), 14)
    down = -(-len(paths) // ACROSS)
    whole = Image.new("RGB", (ACROSS * (SIDE + GAP) + GAP, down * (SIDE + CAPTION + GAP) + GAP), "#F6F7F9")
    draw = ImageDraw.Draw(whole)
    for k, path in enumerate(paths):
        x, y = GAP + k % ACROSS * (SIDE + GAP), GAP + k // ACROSS * (SIDE + CAPTION + GAP)
        with Image.open(path) as picture:
            tile = picture.convert("RGB")
            tile.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        whole.paste(tile, (x, y + CAPTION))
        draw.text((x, y), path.stem.replace(" ", " · "), fill="#1A1D23", font=font)
    return whole


if __name__ == "__main__":
    sheet(sorted(FOLDER.glob("*.png"))).save(sys.argv[1])
