"""studio data"""

from argparse import ArgumentParser, Namespace

from studio.cli.command import Answer, columns
from studio.engine.local import LocalEngine


def arguments(parser: ArgumentParser) -> None:
    """`list`, or `check` and what to check."""
    parser.add_argument("action", choices=["list", "check"], nargs="?", default="list")
    parser.add_argument("path", nargs="?", help="a data set's name, a folder of pictures or sounds, a table or a text file")


def run(options: Namespace) -> Answer:
    """List the data sets, or say what a folder holds and what was skipped."""
    engine = LocalEngine()
    if options.action == "list":
        cards = engine.datasets()
        rows = [("DATA SET", "KIND", "LICENCE", "WHAT IT IS"), *((c.id, c.kind, c.licence, c.summary) for c in cards)]
        return Answer(cards, columns(rows))
    info = engine.inspect_dataset(options.path or ".")
    space = info.signature.space
    lines = [f"{info.card.title}: {info.count} training and {info.validation} validation samples of {space.kind} {space.shape}."]
    lines += (
        [f"{len(info.signature.classes)} classes: {', '.join(info.signature.classes[:12])}"] if info.signature.classes else []
    )
    lines += [f"Skipped {len(info.problems)}:"] if info.problems else []
    lines += [f"  {problem.file}: {problem.reason}" for problem in info.problems]
    return Answer(info.model_dump(mode="json", exclude={"thumbnails"}), "\n".join(lines))
