"""studio runs"""

from argparse import ArgumentParser, Namespace
from datetime import datetime

from studio.cli.command import Answer, columns
from studio.engine.local import LocalEngine


def arguments(parser: ArgumentParser) -> None:
    """None beyond the common ones."""


def run(options: Namespace) -> Answer:
    """Every run, the newest first."""
    infos = LocalEngine().runs()
    rows = [("RUN", "STATE", "STEPS", "SECONDS", "STARTED", "")]
    for info in infos:
        when = datetime.fromtimestamp(info.created).astimezone().strftime("%Y-%m-%d %H:%M")
        rows.append((info.id, info.state, f"{info.step}/{info.total or '?'}", f"{info.seconds:.0f}", when, info.reason))
    return Answer(infos, columns(rows) if infos else "No runs yet; 'studio train METHOD --data DATA' makes one.")
