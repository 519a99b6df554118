"""A parameter declared once: limits, unit, help and condition; forms, flags, JSON and docs derive from it."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, cast, get_args, get_origin

from pydantic import Field, JsonValue
from pydantic.fields import FieldInfo

from studio.api.errors import StudioError
from studio.api.frozen import Frozen

Kind = Literal["integer", "number", "boolean", "choice", "text", "mapping"]


class Params(Frozen):
    """Base of a plugin's parameters and of a sampler's controls: fields made by `param`."""


class Parameter(Frozen):
    """One parameter as plain data, enough to build a form, a flag or a help text; a "mapping" is a JSON object."""

    name: str
    kind: Kind
    default: JsonValue
    help: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    logarithmic: bool = False
    basic: bool = True
    shown_when: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name as a label: `guidance_scale` reads "Guidance scale"."""
        return self.name.replace("_", " ").capitalize()

    @property
    def limits(self) -> str:
        """The allowed values in words, empty where anything goes."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if self.minimum is not None and self.maximum is not None:
            return f"between {self.minimum:g} and {self.maximum:g}"
        if self.minimum is not None:
            return f"at least {self.minimum:g}"
        return "" if self.maximum is None else f"at most {self.maximum:g}"


def param(
    default: Any,
    help: str,
    *,
    ge: float | None = None,
    le: float | None = None,
    unit: str = "",
    logarithmic: bool = False,
    basic: bool = True,
    shown_when: Mapping[str, JsonValue] | None = None,
) -> Any:
    """Declare a field of a `Params` class.

    Example:
        >>> class Widths(Params):
        ...     width: int = param(64, "Channels of the first layer.", ge=8, le=512)
        >>> describe(Widths)[0].limits
        'between 8 and 512'
    """
    extra: dict[str, JsonValue] = {
        "unit": unit, "logarithmic": logarithmic, "basic": basic, "shown_when": dict(shown_when or {}),
    }  # fmt: skip
    return Field(default, description=help, ge=ge, le=le, json_schema_extra=extra)


def describe(params: type[Params]) -> tuple[Parameter, ...]:
    """Every parameter of a `Params` class, in order of declaration."""
    return tuple(_describe(name, field) for name, field in params.model_fields.items())


def _describe(name: str, field: FieldInfo) -> Parameter:
    limits = {key: getattr(mark, key) for mark in field.metadata for key in ("ge", "le") if hasattr(mark, key)}
    extra = cast("dict[str, Any]", field.json_schema_extra or {})
    choices = tuple(map(str, get_args(field.annotation))) if get_origin(field.annotation) is Literal else ()
    kind = "choice" if choices else _KINDS[cast(type, get_origin(field.annotation) or field.annotation)]
    return Parameter(
        name=name, kind=kind, default=field.default, help=field.description or "",
        minimum=limits.get("ge"), maximum=limits.get("le"), choices=choices, **extra,
    )  # fmt: skip


_KINDS: dict[type, Kind] = {bool: "boolean", int: "integer", float: "number", str: "text", dict: "mapping", Mapping: "mapping"}


def settle(parameters: Iterable[Parameter], values: Mapping[str, Any]) -> dict[str, Any]:
    """Complete `values` with defaults and check each against its limits; text as typed on a command line is converted.

    Raises:
        StudioError: an unknown name, a value of the wrong kind, or one outside its limits (which are named).
    """
    known = {parameter.name: parameter for parameter in parameters}
    if unknown := sorted(set(values) - set(known)):
        raise StudioError(f"There is no parameter '{unknown[0]}'; there are: {', '.join(known) or 'none'}.")
    return {name: _check(parameter, values.get(name, parameter.default)) for name, parameter in known.items()}


def _check(parameter: Parameter, value: Any) -> Any:
    try:
        converted = _CONVERT[parameter.kind](value)
    except (TypeError, ValueError, OverflowError):
        raise StudioError(f"'{parameter.name}' must be {_ARTICLE[parameter.kind]}, not {value!r}.") from None
    below = parameter.minimum is not None and converted < parameter.minimum
    above = parameter.maximum is not None and converted > parameter.maximum
    nan = parameter.kind == "number" and math.isnan(converted)
    if below or above or nan or (parameter.choices and converted not in parameter.choices):
        raise StudioError(f"'{parameter.name}' must be {parameter.limits or 'a finite number'}, not {value!r}.")
    return converted


def _integer(value: Any) -> int:
    if isinstance(value, bool) or float(value) != int(float(value)):
        raise ValueError
    return int(float(value))


def _number(value: Any) -> float:
    if isinstance(value, bool):
        raise ValueError
    return float(value)


def _boolean(value: Any) -> bool:
    words = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def _mapping(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise TypeError
    return cast("dict[str, Any]", found)


_CONVERT: dict[Kind, Callable[[Any], Any]] = {
    "integer": _integer, "number": _number, "boolean": _boolean, "choice": str, "text": str, "mapping": _mapping,
}  # fmt: skip
_ARTICLE = {
    "integer": "a whole number", "number": "a number", "boolean": "true or false", "choice": "text", "text": "text",
    "mapping": "a JSON object",
}  # fmt: skip
