"""A picture of the user's own."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.api.errors import StudioError
from studio.api.node import node
from studio.api.params import param
from studio.api.space import Image
from studio.api.values import Samples


def identity(values: Mapping[str, Any]) -> str:
    """Changes when the file does."""
    from studio.engine.datasets.fingerprint import fingerprint

    return fingerprint(Path(values["file"]).expanduser())


@node("picture", "Picture", category="input", outputs={"image": "image"}, identity=identity)
def picture(
    file: str = param("", 'The path of a picture ("~/cat.jpg").'),
    size: int = param(
        32, "Its side as the model takes it; what is longer than high or wide is cropped.", ge=4, le=1024, unit="px"
    ),
    grey: bool = param(False, "Without colour, for models of grey pictures."),
) -> Samples:
    """A picture file, to encode, to vary, or to fill a part of."""
    from studio.engine.datasets.picture_file import read_picture
    from studio.engine.datasets.regular_file import Unfit, printable
    from studio.engine.datasets.shipped import pixels

    path = Path(file).expanduser()
    if not file:
        raise StudioError("No picture is chosen. Give the path of one in the node's form.")
    try:
        array = pixels(read_picture(path, size).pixels[None])
    except Unfit as unfit:
        raise StudioError(f"{printable(path.name)} cannot be used: {unfit}.") from None
    if grey:
        array = array.mean(1, keepdims=True)
    return Samples(array, Image(height=size, width=size, channels=1 if grey else 3), path.stem)
