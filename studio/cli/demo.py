"""studio demo"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from studio.api.errors import StudioError
from studio.cli.command import Answer
from studio.cli.output import save
from studio.cli.page import write_page
from studio.engine.comparison.compare import compare
from studio.engine.datasets.reference import open_dataset
from studio.engine.local import LocalEngine
from studio.engine.models.catalog import resolve
from studio.engine.models.model import Model


def arguments(parser: ArgumentParser) -> None:
    """Where the pictures go."""
    parser.add_argument("-o", "--output", type=Path, default=Path("demo-pictures"))


def run(options: Namespace) -> Answer:
    """Samples of every starter model from one seed, and a comparison of those made on pictures."""
    engine = LocalEngine()
    starters = {info.reference: Model.open(resolve(info.reference)) for info in engine.models() if info.starter}
    if not starters:
        raise StudioError("There are no starter models here; 'studio train' makes models of your own.")
    options.output.mkdir(parents=True, exist_ok=True)
    files = [sample(model, options.output) for model in starters.values()]
    pictures = {name: model for name, model in starters.items() if model.card.signature.space.kind == "image"}
    if pictures:
        data = next(iter(pictures.values())).card.dataset
        dataset = open_dataset(data, engine.registry().datasets)
        same = {name: model for name, model in pictures.items() if model.card.dataset == data}
        files.append(write_page(compare(same, dataset, 64, 0), dataset, data, options.output))
    return Answer({"files": [str(file) for file in files]}, "\n".join(map(str, files)))


def sample(model: Model, folder: Path) -> Path:
    """Sixteen samples of seed 0 as one file (of points, a thousand)."""
    kind = model.card.signature.space.kind
    path = folder / f"{model.card.id}.{'txt' if kind == 'tokens' else 'png'}"
    save(model.sample(n=1000 if kind == "points" else 16, seed=0), model.card.signature.space, path)
    return path
