"""studio check"""

from argparse import ArgumentParser, Namespace

from studio.cli.command import Answer, columns


def arguments(parser: ArgumentParser) -> None:
    """The methods."""
    parser.add_argument("method", nargs="+", help="a method's name, see 'studio list'")


def run(options: Namespace) -> Answer:
    """Every law, on every space the method accepts."""
    from studio.engine.plugins.discover import discover
    from studio.engine.training.laws import check
    from studio.engine.usable import USES

    registry = discover()
    verdicts = [verdict for name in options.method for verdict in check(registry.method(name), uses=USES)]
    rows = [(v.method, v.space, "holds" if v.holds else "BROKEN", v.law, v.detail) for v in verdicts]
    broken = [verdict for verdict in verdicts if not verdict.holds]
    end = f"{len(verdicts) - len(broken)} of {len(verdicts)} laws hold."
    return Answer([verdict.model_dump() for verdict in verdicts], f"{columns(rows)}\n{end}", failed=bool(broken))
