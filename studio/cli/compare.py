"""studio compare"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from studio.cli.command import Answer, columns
from studio.cli.page import write_page
from studio.engine.comparison.compare import compare
from studio.engine.datasets.reference import open_dataset
from studio.engine.local import LocalEngine
from studio.engine.models.catalog import resolve
from studio.engine.models.model import Model


def arguments(parser: ArgumentParser) -> None:
    """Models, data, and the folder of the report."""
    parser.add_argument("models", nargs="+", help="starter models, runs or paths")
    parser.add_argument("--data", required=True, help="the data set to compare with")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the report's folder")
    parser.add_argument("-n", type=int, default=256, help="samples a model")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--provider", default="auto")


def run(options: Namespace) -> Answer:
    """Samples side by side from one seed, time per sample and metrics, as a table and an HTML page."""
    dataset = open_dataset(options.data, LocalEngine().registry().datasets)
    models = {name: Model.open(resolve(name), options.provider) for name in options.models}
    rows = compare(models, dataset, options.n, options.seed)
    page = write_page(rows, dataset, options.data, options.output)
    names = sorted({name for row in rows for name in row.metrics})
    table = [("MODEL", "STEPS", "MS A SAMPLE", "PROVIDER", *names)]
    for row in rows:
        numbers = [f"{row.metrics[name]:.4g}" if name in row.metrics else "" for name in names]
        table.append((row.model, str(row.steps), f"{row.milliseconds:.2f}", row.provider, *numbers))
    data = [row.model_dump(mode="json") for row in rows]
    return Answer({"models": data, "page": str(page)}, f"{columns(table)}\n{page}")
