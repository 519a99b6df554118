"""What crosses the pipe between window and engine: length-prefixed JSON, each frame one small tagged fact."""

import struct
from typing import Annotated, BinaryIO, Literal

from pydantic import Field, TypeAdapter, ValidationError

from studio.api.errors import StudioError
from studio.api.frozen import Frozen
from studio.engine.engine import GraphEvent

LARGEST = 256 * 2**20
_LENGTH = struct.Struct(">I")


class Request(Frozen):
    """Call `call` of the engine; each argument is JSON text."""

    kind: Literal["request"] = "request"
    id: int
    call: str
    arguments: dict[str, str]


class Reply(Frozen):
    """What the call `id` gave, as JSON text."""

    kind: Literal["reply"] = "reply"
    id: int
    result: str


class Refusal(Frozen):
    """The call `id` failed."""

    kind: Literal["refusal"] = "refusal"
    id: int
    error: str
    traceback: str = ""


class Told(Frozen):
    """Something happened in an execution."""

    kind: Literal["told"] = "told"
    execution: str
    event: GraphEvent


class Ping(Frozen):
    """Are you there?"""

    kind: Literal["ping"] = "ping"


class Pong(Frozen):
    """I am; also said once the engine is up."""

    kind: Literal["pong"] = "pong"


Frame = Annotated[Request | Reply | Refusal | Told | Ping | Pong, Field(discriminator="kind")]
_frames: TypeAdapter[Frame] = TypeAdapter(Frame)


def encode(frame: Frame) -> bytes:
    """A frame as it is written to a pipe.

    Raises:
        StudioError: it is larger than a frame may be.
    """
    body = frame.model_dump_json().encode()
    if len(body) > LARGEST:
        raise StudioError(
            f"There are {len(body) / 2**20:.0f} MiB to send, and {LARGEST // 2**20} are allowed. Ask for less at once."
        )
    return _LENGTH.pack(len(body)) + body


def read_frame(pipe: BinaryIO) -> Frame | None:
    """The next frame, None at the end.

    Raises:
        StudioError: what came is not a frame.
    """
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > LARGEST:
        raise StudioError(f"A message of {length} bytes came in, more than the {LARGEST} that are allowed.")
    body = pipe.read(length)
    if len(body) < length:
        return None
    try:
        return _frames.validate_json(body)
    except ValidationError as error:
        raise StudioError(f"A message that is not understood came in: {error.errors()[0]['msg']}.") from None
