"""What a command is: arguments, and a function from options to an answer that reads well and as JSON."""

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class Answer:
    """What a command says: `data` for --json, `text` for people; `failed` sets the exit code 1."""

    data: Any
    text: str
    failed: bool = False


class Command(Protocol):
    """A module of `studio.cli` with these two functions."""

    def arguments(self, parser: ArgumentParser) -> None:
        """Declare the command's arguments."""
        ...

    def run(self, options: Namespace) -> Answer:
        """Do it."""
        ...


def columns(rows: list[tuple[str, ...]]) -> str:
    """Rows as text with aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def pairs(settings: list[str]) -> dict[str, str]:
    """`key=value` arguments as a mapping."""
    return {key: value for key, _, value in (setting.partition("=") for setting in settings)}
