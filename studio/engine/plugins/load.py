"""From the "package.module:Name" of a card to the code it names."""

from importlib import import_module
from operator import attrgetter
from typing import Any

from studio.api.errors import StudioError


def load(reference: str) -> Any:
    """Import what `reference` names; StudioError where the module, one that it needs, or the name is missing.

    Example:
        >>> load("math:sqrt")(9.0)
        3.0
    """
    module, colon, name = reference.partition(":")
    if not (module and colon and name):
        raise StudioError(f"'{reference}' is no reference to code; it must read package.module:Name.")
    try:
        imported = import_module(module)
    except ModuleNotFoundError as error:
        raise StudioError(_missing(reference, module, error.name or "")) from error
    try:
        return attrgetter(name)(imported)
    except AttributeError as error:
        raise StudioError(f"'{reference}' cannot be used: {error}.") from error


def _missing(reference: str, module: str, absent: str) -> str:
    if module == absent or module.startswith(f"{absent}."):
        return f"'{reference}' cannot be used: there is no module '{absent}'. Is its plugin still installed?"
    return f"'{reference}' cannot be used: it needs '{absent}', which is not installed. Install it beside the plugin."
