"""Every method beside published figures and peers.

    python -m tests.benchmarks.zoo                 measure what has no result yet, print the table
    python -m tests.benchmarks.zoo NAME ...        only lines whose name contains one of these words
    python -m tests.benchmarks.zoo --again NAME    measure again
    python -m tests.benchmarks.zoo --laws          hold every method to every law that is not judged yet (see systems.py)
    python -m tests.benchmarks.zoo --readme        write the tables of results.json and laws.json into README.md; measures nothing

Results are kept in results.json beside this file, one after the other, so an interrupted run goes on where it was.
"""

import argparse
import fcntl
import importlib
import json
import pkgutil
from pathlib import Path

from tests.benchmarks import zoo
from tests.benchmarks.zoo import systems
from tests.benchmarks.zoo.line import Line, Result

HERE = Path(__file__).parent
RESULTS = HERE / "results.json"
README = HERE.parents[2] / "README.md"
MADE = "made by python -m tests.benchmarks.zoo --readme"
FRAME = {"__main__", "line", "sheet", "systems", "trained"}


def lines() -> list[Line]:
    """The lines of every family's module in this folder, in order."""
    modules = sorted(module.name for module in pkgutil.iter_modules(zoo.__path__) if module.name not in FRAME)
    return [line for name in modules for line in getattr(importlib.import_module(f"{zoo.__name__}.{name}"), "LINES", ())]


def results() -> dict[str, Result]:
    """What was measured so far, by the line's name."""
    kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return {name: Result.model_validate(value) for name, value in kept.items()}


def keep(name: str, result: Result) -> None:
    """Add a result; several processes may do so."""
    with (HERE / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = {key: value.model_dump() for key, value in results().items()} | {name: result.model_dump()}
        RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def row(line: Line, result: Result) -> str:
    """A line of the table in Markdown."""
    beside = result.peer if result.peer is not None else line.published
    ratio = "" if not beside else f"{result.ours / beside:.2f}"
    against = line.reference + ("" if beside is None else f": {beside:.4g}")
    target = "" if line.target is None else f"{'≤' if line.better == 'lower' else '≥'} {line.target:g} {_verdict(line, result)}"
    cells = [
        f"`{line.method}`", line.dataset, f"{line.budget}, {result.cpu_seconds:.0f} CPU s", line.metric, f"{result.ours:.4g}",
        target, against, ratio, result.notes,
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |"


def _verdict(line: Line, result: Result) -> str:
    assert line.target is not None
    met = result.ours <= line.target if line.better == "lower" else result.ours >= line.target
    return "met" if met else "**missed**"


def table() -> str:
    """Everything that has a result."""
    head = (
        "| method | data | budget | metric | ours | target | held against | ratio | seen |\n|---|---|---|---|---|---|---|---|---|"
    )
    measured = results()
    return "\n".join([head, *(row(line, measured[line.name]) for line in lines() if line.name in measured)])


def write_readme() -> None:
    """Put the tables between their marks."""
    every = lines()
    tables = {"zoo": table(), "systems": systems.table({line.name: line for line in every}, results())}
    text = README.read_text()
    for name, rows in tables.items():
        begin, end = f"<!-- {name}: {MADE} -->", f"<!-- /{name} -->"
        before, rest = text.split(begin)
        text = f"{before}{begin}\n{rows}\n{end}{rest.split(end)[1]}"
    README.write_text(text)


def main() -> None:
    """Measure, print, or write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--laws", action="store_true")
    parser.add_argument("--readme", action="store_true")
    options = parser.parse_args()
    if options.readme:
        return write_readme()
    if options.laws:
        return systems.judge(options.names)
    wanted = [line for line in lines() if not options.names or any(word in line.name for word in options.names)]
    for line in wanted:
        if options.again or line.name not in results():
            keep(line.name, line.measure())
        print(row(line, results()[line.name]), flush=True)
    return None


if __name__ == "__main__":
    main()
