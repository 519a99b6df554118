"""What a window draws of a method whose samples lie in the plane: the samples, and layers over or under them."""

from typing import Literal

from studio.api.frozen import Frozen
from studio.engine.rendering import Rendering


class Layer(Frozen):
    """One insight of `studio.kit.insight`, as plain numbers.

    Attributes:
        name: such as "density" or "vector_field".
        shape: of `values`; "surface" (h, w) from the lower left to the upper right, "arrows" (m, 4) of place and vector,
            "lines" (k, t, 2).
        values: float32, little endian, row by row; all finite.
        reach: half the side of the square that a surface covers.
    """

    kind: Literal["surface", "arrows", "lines"]
    name: str
    shape: tuple[int, ...]
    values: bytes
    reach: float = 3.0


class Plane(Frozen):
    """One preview of a run: its samples and, where they are points of the plane, what the method shows of itself."""

    samples: Rendering
    layers: tuple[Layer, ...] = ()
