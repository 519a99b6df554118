"""studio train"""

import shutil
import sys
import time
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from studio.api.errors import StudioError
from studio.api.events import Event, Exported, Message, Started, Step
from studio.cli.command import Answer, pairs
from studio.engine.engine import RunInfo
from studio.engine.local import LocalEngine
from studio.engine.runs.request import Budget, TrainRequest
from studio.home import home

ENDED = ("done", "failed", "cancelled", "lost", "paused")


def arguments(parser: ArgumentParser) -> None:
    """The request."""
    parser.add_argument("method")
    parser.add_argument(
        "--data", required=True,
        help="a data set's name, a folder of pictures or sounds, a table or a text file; texts may end in @bpe1024 to be read in "
        "so many byte pairs",
    )  # fmt: skip
    parser.add_argument("--steps", type=int, help="train so many steps (1000 where no budget is given)")
    parser.add_argument("--seconds", type=float, help="train so long")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--batch-size", type=int)
    parser.add_argument("--preset", help="the method's parameters under this name; --set goes over them")
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="key=value", help="a parameter of the method")
    parser.add_argument(
        "--input", nargs="+", action="extend", default=[], metavar="slot=RUN", help="a run of yours that the method learns from"
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="float32", choices=["auto", "float32", "bfloat16", "float16"])
    parser.add_argument("--title", default="")
    parser.add_argument("--out", type=Path, help="copy the exported model here")


def request_from(options: Namespace, engine: LocalEngine) -> TrainRequest:
    """The request that the options and the preset make."""
    method = engine.registry().method(options.method)
    if options.preset and options.preset not in method.presets:
        raise StudioError(f"{method.title} has no preset '{options.preset}'; it has {', '.join(method.presets)}.")
    params: dict[str, Any] = {**method.presets.get(options.preset or "", {}), **pairs(options.set)}
    steps, batch_size = params.pop("steps", None), params.pop("batch_size", 64)
    wanted = options.steps or (None if options.seconds else steps or 1000)
    data = Path(options.data)
    dataset = str(data.resolve()) if data.exists() else options.data
    return TrainRequest.model_validate({
        "method": options.method, "dataset": dataset, "params": params, "inputs": pairs(options.input), "seed": options.seed,
        "budget": Budget(steps=int(wanted) if wanted else None, seconds=options.seconds),
        "batch_size": options.batch_size or batch_size, "device": options.device, "precision": options.precision,
        "title": options.title,
    })  # fmt: skip


def run(options: Namespace) -> Answer:
    """Train in the foreground; Ctrl-C pauses, and the run can be resumed in the window."""
    engine = LocalEngine()
    info = engine.train(request_from(options, engine))
    engine.start()
    try:
        ended = follow(engine, info.id)
    except KeyboardInterrupt:
        engine.pause(info.id)
        raise
    finally:
        engine.close()
    if ended.state != "done":
        raise StudioError(f"The run {ended.id} is {ended.state}: {ended.reason or 'see its folder'}")
    model = home() / "runs" / ended.id / "model"
    if options.out:
        shutil.copytree(model, options.out, dirs_exist_ok=True)
    values = ", ".join(f"{name} {value:.4g}" for name, value in ended.latest.items() if value is not None)
    text = f"Trained {ended.title} for {ended.step} steps ({values}).\nModel: {options.out or 'run:' + ended.id}"
    return Answer({"run": ended, "model": str(options.out or model)}, text)


def follow(engine: LocalEngine, run: str) -> RunInfo:
    """Tell on stderr what happens in a run, to its end."""
    seen, told = -1, 0.0
    while True:
        info = next(info for info in engine.runs() if info.id == run)
        for entry in engine.events(run, seen):
            seen = entry.seq
            told = _tell(entry.event, told)
        if info.state in ENDED:
            return info
        time.sleep(0.1)


def _tell(event: Event, told: float) -> float:
    now = time.monotonic()
    if event.kind == "step" and now - told < 1.0:
        return told
    if (words := _words(event)) is not None:
        print(words, file=sys.stderr, flush=True)
    return now if event.kind == "step" else told


def _words(event: Event) -> str | None:
    match event:
        case Started():
            return f"on {event.device}, {event.parameters:,} weights"
        case Step():
            values = "  ".join(f"{name} {value:.4g}" for name, value in event.values.items() if value is not None)
            return f"step {event.step}/{event.total or '?'}  {values}"
        case Exported():
            return f"exported in {event.seconds:.1f} s, largest difference from torch {max(event.parity.values()):.1e}"
        case Message():
            return event.text
        case _:
            return None
