"""The engine's calls, derived from the annotations of `Engine`: how arguments and results become JSON and back."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from studio.api.errors import StudioError
from studio.engine.engine import Engine

NAMES = tuple(name for name, member in vars(Engine).items() if inspect.isfunction(member) and not name.startswith("_"))
LISTENER = "listener"


@dataclass(frozen=True)
class Call:
    """One call: adapters of its arguments (without a listener, which events stand for) and of its result."""

    name: str
    signature: inspect.Signature
    arguments: Mapping[str, TypeAdapter[Any]]
    result: TypeAdapter[Any]

    def bind(self, *values: Any, **named: Any) -> dict[str, Any]:
        """The arguments by name, with defaults; TypeError where they do not fit the signature."""
        bound = self.signature.bind(None, *values, **named)
        bound.apply_defaults()
        return {name: value for name, value in bound.arguments.items() if name in self.arguments}

    def pack(self, arguments: Mapping[str, Any]) -> dict[str, str]:
        """Each argument as JSON text."""
        return {name: adapter.dump_json(arguments[name]).decode() for name, adapter in self.arguments.items()}

    def unpack(self, arguments: Mapping[str, str]) -> dict[str, Any]:
        """Arguments out of JSON text; StudioError where they are not what the call takes."""
        if set(arguments) != set(self.arguments):
            raise StudioError(
                f"'{self.name}' takes {', '.join(self.arguments) or 'nothing'}, not {', '.join(arguments) or 'nothing'}."
            )
        try:
            return {name: adapter.validate_json(arguments[name]) for name, adapter in self.arguments.items()}
        except ValidationError as error:
            first = error.errors()[0]
            raise StudioError(f"'{self.name}' was called with something else than it takes: {first['msg']}.") from None


@cache
def call(name: str) -> Call:
    """The call of that name; StudioError where the engine has none."""
    if name not in NAMES:
        raise StudioError(f"The engine has no call '{name}'.")
    function = getattr(Engine, name)
    hints = get_type_hints(function, include_extras=True)
    result = TypeAdapter(hints.pop("return"))
    hints.pop(LISTENER, None)
    return Call(name, inspect.signature(function), {name: TypeAdapter(hint) for name, hint in hints.items()}, result)
