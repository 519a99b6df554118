"""What a window draws: samples of any space as plain bytes, numbers and words."""

from typing import Literal

from studio.api.frozen import Frozen


class Rendering(Frozen):
    """A batch of samples ready to be drawn.

    Attributes:
        kind: "pictures": `count` tiles of `height` x `width` RGBA in `pixels`, one after the other;
            "points": `points`, (x, y) pairs within `bounds` (x0, y0, x1, y1); "texts": `texts`;
            "audio": waveforms, float32 little endian, `count` of them in `pixels` at `rate` Hz, and in `spectra` as many
            spectrograms of `height` x `width` bytes; "table": rows of `cells` under `columns`, with a histogram of every
            column, heights from 0 to 1 in `histograms`; "numbers": `numbers`.
    """

    kind: Literal["pictures", "points", "texts", "audio", "table", "numbers"]
    count: int = 0
    height: int = 0
    width: int = 0
    pixels: bytes = b""
    points: tuple[tuple[float, float], ...] = ()
    bounds: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    texts: tuple[str, ...] = ()
    rate: int = 0
    spectra: bytes = b""
    columns: tuple[str, ...] = ()
    cells: tuple[tuple[str, ...], ...] = ()
    histograms: tuple[tuple[float, ...], ...] = ()
    numbers: dict[str, float] = {}
