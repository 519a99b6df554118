"""studio export"""

import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from studio.api.errors import StudioError
from studio.cli.command import Answer
from studio.engine.datasets.reference import open_dataset
from studio.engine.models.card_file import read_card
from studio.engine.models.quantizing import quantize
from studio.engine.models.weights import size_of
from studio.engine.plugins.discover import discover
from studio.engine.runs.folder import RunFolder, find
from studio.home import home


def arguments(parser: ArgumentParser) -> None:
    """The run, and where to copy its model."""
    parser.add_argument("run", help="a run's name, see 'studio runs'")
    parser.add_argument("--out", type=Path, help="copy the exported model here")
    parser.add_argument(
        "--int8", action="store_true", help="of a text model: make a second one with its matrices in 8 bits, and say what is lost"
    )


def run(options: Namespace) -> Answer:
    """Export the last checkpoint of a run that is not being trained, in a process of its own."""
    folder = find(home() / "runs", options.run.removeprefix("run:"))
    if folder.alive():
        raise StudioError(f"The run {folder.id} is being trained; pause it first.")
    if not folder.model.is_dir():
        export(folder)
    if options.int8:
        return in_eight_bits(folder.model, options.out)
    target = options.out or folder.model
    if options.out:
        shutil.copytree(folder.model, options.out, dirs_exist_ok=True)
    card = read_card(target)
    graphs = sorted(file.name for file in target.glob("*.onnx"))
    lines = [f"{card.title} after {card.step} steps: {target}", *(f"  {graph}" for graph in graphs)]
    lines.append(f"Largest difference from torch: {max(card.parity.values(), default=0.0):.1e}")
    return Answer({"folder": str(target), "graphs": graphs, "parity": card.parity}, "\n".join(lines))


def in_eight_bits(model: Path, out: Path | None) -> Answer:
    """Make the smaller model, among the models of this home where no place is given."""
    card = read_card(model)
    target = out or home() / "models" / f"{card.id}-int8"
    made = quantize(model, target, open_dataset(card.dataset, discover().datasets))
    before, after = made.numbers["loss_float32"], made.numbers["loss_int8"]
    sizes = [size_of(folder) / 1e6 for folder in (model, target)]
    lines = [
        f"{made.title}: {target}",
        f"Held-out loss: {before:.4f} nats a symbol in float32, {after:.4f} in 8 bits",
        f"Size: {sizes[0]:.1f} MB in float32, {sizes[1]:.1f} MB in 8 bits",
    ]
    return Answer({"folder": str(target), "numbers": made.numbers}, "\n".join(lines))


def export(folder: RunFolder) -> None:
    """Let a trainer load the checkpoint and export it."""
    command = [sys.executable, "-m", "studio.engine.training.worker", "--export", str(folder.path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise StudioError((ended.stderr.strip().splitlines() or ["The export failed."])[-1])
