"""What the graphs of an exported model and their tensors are called."""

from pathlib import Path

CARD = "card.json"
WEIGHTS = "weights.bin"
METADATA = "studio"

NOISE = "noise"
STEP_NOISE = "step_noise"
INDEX = "i"
SAMPLES = "samples"
SCORE = "score"
RESERVED = frozenset({NOISE, STEP_NOISE, INDEX, SAMPLES})


def carried(name: str) -> str:
    """A tensor of the carry where it enters a step."""
    return f"carry.{name}"


def following(name: str) -> str:
    """A tensor of the carry where it leaves `init` or a step."""
    return f"next.{name}"


def whole_graph(sampler: str) -> str:
    """The stand-alone graph of a sampler; its parts are `part_graph`s."""
    return sampler


def part_graph(sampler: str, part: str) -> str:
    """Part is init, step, finish or peek."""
    return f"{sampler}.{part}"


def score_graph(score: str) -> str:
    """The graph of a score."""
    return f"score-{score}"


def file_of(folder: Path, graph: str) -> Path:
    """Where a graph lies in a model's folder."""
    return folder / f"{graph}.onnx"
