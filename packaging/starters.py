"""Makes the starter models: trains each from its request below, measures it and puts it into resources/models.

    python packaging/starters.py [NAME ...]      train, measure and install; a finished training is not repeated

The runs lie in $STUDIO_HOME/runs, as any run does.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx

from studio.api import ModelCard
from studio.engine.datasets.reference import open_dataset
from studio.engine.metrics.evaluate import evaluate
from studio.engine.models.model import Model
from studio.engine.plugins.discover import discover
from studio.engine.runs.folder import RunFolder, create
from studio.engine.runs.request import Budget, TrainRequest
from studio.home import home, resources

SAMPLES = 500


def request(method: str, dataset: str, steps: int, title: str, batch_size: int = 64, **params: object) -> TrainRequest:
    """A starter model's request."""
    return TrainRequest.model_validate({
        "method": method, "dataset": dataset, "budget": Budget(steps=steps), "params": params, "batch_size": batch_size,
        "title": title, "seed": 0, "preview_every": 60, "checkpoint_every": 60,
    })  # fmt: skip


ILLUSTRATOR = {
    "width": 64, "text_width": 64, "halvings": 3, "latent_channels": 24, "autoencoder_width": 32, "autoencoder_share": 0.3,
    "learning_rate": 1.5e-3,
}  # fmt: skip
STARTERS = {
    "vae-mnist": request("vae", "mnist", 4000, "VAE on MNIST-5k", latent=16, width=32),
    "dcgan-mnist": request("dcgan", "mnist", 2500, "DCGAN on MNIST-5k", latent=64, width=32, ema=0.998),
    "ddpm-mnist": request("ddpm", "mnist", 3000, "DDPM on MNIST-5k", width=48, patch=2, ema=0.998),
    "gpt-austen": request("gpt", "austen", 2000, "GPT on Jane Austen", 16, context=128, width=128, layers=4, heads=4,
                          learning_rate=1e-3),
    "ddpm-moons": request("ddpm", "moons", 12000, "DDPM on moons", 256, width=96, timesteps=200, schedule="linear",
                          prediction="epsilon", learning_rate=2e-3),
    "spline-moons": request("spline", "moons", 1800, "Spline flow on moons", 512, couplings=3, width=48, learning_rate=5e-3),
    "flow_matching-moons": request("flow_matching", "moons", 2000, "Flow matching on moons", 256, width=128, depth=3,
                                   learning_rate=2e-3),
    "score_matching-moons": request("score_matching", "moons", 1500, "Energy of moons", 256, width=96, depth=3, sigma_min=0.03),
    "r3gan-moons": request("r3gan", "moons", 4000, "R3GAN on moons", 128, latent=2, width=64, depth=3, penalty=0.3,
                           penalty_end=0.05, penalty_every=4, learning_rate=2e-3, rate_end=0.02),
    "latent_diffusion-emoji": request("latent_diffusion", "emoji", 2800, "Latent diffusion on Emoji-32", 32, **ILLUSTRATOR),
    "recaptioned-emoji": request("recaptioned", "emoji", 2800, "Recaptioned on Emoji-32", 32, **ILLUSTRATOR),
    "hash_grid-still_life": request("hash_grid", "analytic_scene", 2000, "Still life by hash grid", 1024),
    "ddpm-wine": request("ddpm", "wine", 4000, "DDPM on wine", 64, width=96),
}  # fmt: skip


def trained(name: str, wanted: TrainRequest) -> RunFolder:
    """The run that made a starter, trained now where it is not yet."""
    store = home() / "runs"
    note = home() / f"{name}.run"
    folder = RunFolder(store / note.read_text()) if note.exists() else create(store, wanted, title=wanted.title)
    note.write_text(folder.id)
    if not folder.model.exists():
        subprocess.run([sys.executable, "-m", "studio.engine.training.worker", str(folder.path)], check=True)
    return folder


def install(name: str, folder: RunFolder) -> None:
    """Copy a run's model, under its name, with the numbers it reaches."""
    target = resources() / "models" / name
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder.model, target)
    model = Model.open(target, "cpu")
    numbers = measure(model)
    card = model.card.model_copy(update={"id": name, "numbers": numbers})
    model.close()
    write(target, card)
    print(name, numbers, sum(file.stat().st_size for file in target.iterdir()) // 1024, "KiB", flush=True)


def measure(model: Model) -> dict[str, float]:
    """The metrics of the comparison, on `SAMPLES` samples of seed 1, or on a scene's held-out views."""
    dataset = open_dataset(model.card.dataset, discover().datasets)
    poses = dataset.validation_poses
    if poses is not None:
        made = model.sample("render", len(poses), inputs={"pose": poses})
    else:
        made = np.concatenate([model.sample("sample", 50, seed=1 + k) for k in range(SAMPLES // 50)])
    return {name: round(value, 5) for name, value in evaluate(made, dataset).items()}


def write(folder: Path, card: ModelCard) -> None:
    """Put a card into every graph's metadata and beside them."""
    (folder / "card.json").write_text(card.model_dump_json(indent=1))
    for path in folder.glob("*.onnx"):
        graph = onnx.load(path, load_external_data=False)
        onnx.helper.set_model_props(graph, {"studio": card.model_dump_json()})
        onnx.save(graph, path)


def main(names: list[str]) -> None:
    """Make the starters that are named, or all."""
    for name in names or STARTERS:
        install(name, trained(name, STARTERS[name]))


if __name__ == "__main__":
    main(sys.argv[1:])
