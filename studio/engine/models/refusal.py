"""Why a file is not opened."""

from pathlib import Path

from studio.api.errors import StudioError


class Refused(StudioError):
    """A file broke a rule; nothing of it was run.

    Attributes:
        rule: the rule's name, such as "function-expansion".
    """

    def __init__(self, rule: str, path: Path, reason: str) -> None:
        super().__init__(f"{path.name} is refused ({rule}): {reason}.")
        self.rule = rule
