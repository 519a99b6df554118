"""studio graph"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from threading import Event

from studio.cli.command import Answer
from studio.engine.engine import GraphEvent
from studio.engine.graph.files import load
from studio.engine.local import LocalEngine


def arguments(parser: ArgumentParser) -> None:
    """`run`, the file, and where its outputs go."""
    parser.add_argument("action", choices=["run"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--out", type=Path, help="where nodes save what they make (your pictures otherwise)")


def run(options: Namespace) -> Answer:
    """Run every node of a graph; a node that fails is named, the others run on."""
    engine = LocalEngine(folder=options.out)
    graph = load(options.file)
    events: list[GraphEvent] = []
    ended = Event()

    def listen(event: GraphEvent) -> None:
        events.append(event)
        if event.kind == "node_done":
            print(f"{event.node}: {1000 * event.seconds:.0f} ms {event.provider} {event.note}".rstrip(), file=sys.stderr)
        if event.kind == "execution_done":
            ended.set()

    engine.execute(graph, [], listen)
    ended.wait()
    engine.close()
    failures = [event for event in events if event.kind == "node_failed"]
    done = [event.node for event in events if event.kind == "node_done"]
    lines = [f"{len(done)} of {len(graph.nodes)} nodes done."] + [f"{event.node}: {event.error}" for event in failures]
    data = {"done": done, "failed": {event.node: event.error for event in failures}}
    return Answer(data, "\n".join(lines), failed=bool(failures))
