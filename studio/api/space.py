"""What one sample is: its shape, its type and its units."""

from typing import Annotated, Literal

from pydantic import Field

from studio.api.frozen import Frozen


class Points(Frozen):
    """A point of `dimensions` real coordinates, float32, about unit variance."""

    kind: Literal["points"] = "points"
    dimensions: int = Field(default=2, ge=1)

    @property
    def shape(self) -> tuple[int, ...]:
        """(dimensions,)"""
        return (self.dimensions,)


class Image(Frozen):
    """A picture, float32 in [-1, 1], channels first; `levels` is the number of values a pixel was quantised to."""

    kind: Literal["image"] = "image"
    height: int = Field(ge=1)
    width: int = Field(ge=1)
    channels: int = Field(default=3, ge=1, le=4)
    levels: int = Field(default=256, ge=2, le=65536)

    @property
    def shape(self) -> tuple[int, ...]:
        """(channels, height, width)"""
        return (self.channels, self.height, self.width)


class Tokens(Frozen):
    """A sequence of at most `length` symbols out of `vocabulary`, int64 indices.

    A text in byte pairs has a `tokenizer`, the JSON of the `tokenizers` library, which turns words into symbols.
    """

    kind: Literal["tokens"] = "tokens"
    vocabulary: tuple[str, ...]
    length: int = Field(ge=1)
    tokenizer: str = ""

    @property
    def shape(self) -> tuple[int, ...]:
        """(length,)"""
        return (self.length,)

    @property
    def vocab_size(self) -> int:
        """Number of symbols."""
        return len(self.vocabulary)

    @property
    def spelled(self) -> bool:
        """Whether symbols are strings of bytes, byte k written as the character of that number; else they are characters."""
        return bool(self.tokenizer) or self.vocabulary == tuple(map(chr, range(256)))

    @property
    def byte_counts(self) -> tuple[int, ...]:
        """How many bytes of UTF-8 each symbol stands for."""
        return tuple(len(symbol.encode("latin-1" if self.spelled else "utf-8")) for symbol in self.vocabulary)


class Audio(Frozen):
    """A mono waveform of `length` samples at `rate` Hz, float32 in [-1, 1]."""

    kind: Literal["audio"] = "audio"
    rate: int = Field(ge=1)
    length: int = Field(ge=1)

    @property
    def shape(self) -> tuple[int, ...]:
        """(1, length)"""
        return (1, self.length)


class Views(Frozen):
    """Posed pictures of one scene, float32 in [0, 1], with `focal` in pixels and the optical axis through the middle.

    The scene lies within `radius` of `centre` along each axis; z is up. Its cameras are about `distance` away from the centre,
    `elevations` (lowest, highest) above the horizon in degrees. Where a ray meets nothing the picture shows `background`.
    """

    kind: Literal["views"] = "views"
    height: int = Field(ge=1)
    width: int = Field(ge=1)
    focal: float = Field(gt=0)
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)
    radius: float = Field(default=1.5, gt=0)
    distance: float = Field(default=4.0, gt=0)
    elevations: tuple[float, float] = (0.0, 60.0)
    background: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def shape(self) -> tuple[int, ...]:
        """(3, height, width)"""
        return (3, self.height, self.width)


class Column(Frozen):
    """A table column: numeric where `categories` is empty, and then written with `decimals` decimal places."""

    name: str
    categories: tuple[str, ...] = ()
    mean: float = 0.0
    deviation: float = 1.0
    decimals: int = Field(default=6, ge=0, le=15)

    @property
    def width(self) -> int:
        """How many numbers of a row are this column's."""
        return max(1, len(self.categories))


class Table(Frozen):
    """A row: standardised numeric columns and one-hot categorical columns, float32."""

    kind: Literal["table"] = "table"
    columns: tuple[Column, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """(width after one-hot encoding,)"""
        return (sum(column.width for column in self.columns),)


Space = Annotated[Points | Image | Tokens | Audio | Views | Table, Field(discriminator="kind")]


class Signature(Frozen):
    """What a generator is asked to model.

    Attributes:
        space: of a sample.
        classes: their names, empty where samples have no classes.
        words: the vocabulary and the longest text of the captions, None where samples have none (see `studio.api.words`).
    """

    space: Space
    classes: tuple[str, ...] = ()
    words: Tokens | None = None
