"""Installed plugins by their metadata alone: nothing of theirs is imported here."""

import re
from collections.abc import Iterator
from configparser import ConfigParser, Error
from dataclasses import dataclass
from importlib.metadata import Distribution, EntryPoint, distributions
from itertools import chain

from packaging.utils import canonicalize_name

from studio.api.errors import StudioError
from studio.api.hooks import API_VERSION, GROUP

OWN = "generative-studio"


@dataclass(frozen=True)
class Candidate:
    """A plugin that a distribution declares: `value` is its "package.module", `group` names the interface it was made for."""

    distribution: str
    version: str
    name: str
    value: str
    group: str

    def entry(self) -> EntryPoint:
        """What to import.

        Raises:
            StudioError: it was made for another version of the interface, or its metadata are broken.
        """
        if not self.value:
            raise StudioError(f"The entry points of {self.distribution} cannot be read; install it again.")
        if self.group != GROUP:
            raise StudioError(
                f"{self.distribution} {self.version} was made for version {self.group.removeprefix('studio.v')} of the plugin "
                f"interface; this studio has version {API_VERSION}. Install a release of it that fits, or update the studio."
            )
        return EntryPoint(self.name, self.value, self.group)


def find() -> list[Candidate]:
    """Every declared plugin, the studio's own first; of a distribution installed twice the one that Python would import."""
    found: dict[str, list[Candidate]] = {}
    for distribution in distributions():
        if "studio.v" in (text := distribution.read_text("entry_points.txt") or ""):
            name, version = _identity(distribution)
            found.setdefault(canonicalize_name(name), list(_declared(name, version, text)))
    return sorted(
        chain.from_iterable(found.values()), key=lambda plugin: (plugin.distribution != OWN, plugin.distribution, plugin.name)
    )


def _identity(distribution: Distribution) -> tuple[str, str]:
    metadata = distribution.metadata.json
    return str(metadata.get("name", "unnamed")), str(metadata.get("version", ""))


def _declared(distribution: str, version: str, text: str) -> Iterator[Candidate]:
    try:
        groups = _sections(text)
    except Error:
        yield Candidate(distribution, version, distribution, "", GROUP)
        return
    current = groups.pop(GROUP, {})
    yield from (Candidate(distribution, version, name, value, GROUP) for name, value in current.items())
    for group, plugins in groups.items():
        yield from (
            Candidate(distribution, version, name, value, group) for name, value in plugins.items() if name not in current
        )


def _sections(text: str) -> dict[str, dict[str, str]]:
    parser = ConfigParser(delimiters=("=",), interpolation=None)
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    parser.read_string(text)
    return {section: dict(parser[section]) for section in parser.sections() if re.fullmatch(r"studio\.v\d+", section)}
