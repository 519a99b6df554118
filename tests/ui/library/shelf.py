"""A library with something of everything: finished, running and failed runs, starter models, pictures, a broken plugin."""

import time
from pathlib import Path

from studio.api.events import Entry, Preview
from studio.engine.engine import ModelInfo, PictureInfo, PluginInfo, RunInfo
from studio.engine.runs.request import TrainRequest
from studio.home import home
from studio.ui.library.compositions import compared
from tests.ui.fake_engine import MODELS, FakeEngine, pictures

DAY = 86_400.0


def run(id: str, method: str, title: str, state: str, *, age: float, step: int = 1000, reason: str = "") -> RunInfo:
    """A run `age` seconds old."""
    request = TrainRequest(method=method, dataset="emoji", params={"width": 64})
    return RunInfo.model_validate({
        "id": id, "title": title, "request": request, "state": state,
        "created": time.time() - age, "step": step, "total": 1000, "seconds": step / 10,
        "latest": {"loss": 0.214}, "reason": reason,
        "model": f"run:{id}" if state == "done" else None,
    })  # fmt: skip


def trained(run: RunInfo, like: ModelInfo) -> ModelInfo:
    """The model that came of a run."""
    card = like.card.model_copy(update={"run": run.id, "title": run.title, "step": run.step, "speed": {"sample": 12.3}})
    return ModelInfo(reference=f"run:{run.id}", card=card, starter=False, size=3_200_000)


def save_picture(name: str, seed: int) -> Path:
    """A PNG in the user's pictures, as the studio writes them."""
    import numpy as np

    from studio.engine.png import encode_png

    shown = pictures(seed, 4)
    tiles = np.frombuffer(shown.pixels, np.uint8).reshape(2, 2, 32, 32, 4)
    path = home() / "pictures" / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(encode_png(tiles.transpose(0, 2, 1, 3, 4).reshape(64, 64, 4).copy(), {}))
    return path


def fill(engine: FakeEngine) -> None:
    """Put things on the shelf."""
    runs = [
        run("a1", "ddpm", "DDPM, wider", "done", age=2 * 3600),
        run("b2", "vae", "VAE with a larger latent", "running", age=400, step=410),
        run(
            "c3",
            "dcgan",
            "DCGAN on emoji",
            "failed",
            age=3 * DAY,
            step=220,
            reason="The loss was not finite at step 221. Lower the learning rate.",
        ),
    ]
    graph = compared([MODELS[0], MODELS[1]])
    saved = [
        PictureInfo(path=str(save_picture(f"faces-000{k}", k)), created=time.time() - k * DAY, graph=graph, seed=k,
                    models=("starter:ddpm", "starter:dcgan"))
        for k in range(3)
    ]  # fmt: skip
    models = [*MODELS, trained(runs[0], MODELS[1])]
    plugins = [
        PluginInfo(name="studio_gan", version="0.1.0", module="studio_gan", healthy=True, methods=("dcgan",)),
        PluginInfo(name="studio_diffusion", version="0.1.0", module="studio_diffusion", healthy=True, methods=("ddpm",),
                   importers=("diffusers",)),
        PluginInfo(name="studio_vae", version="0.1.0", module="studio_vae", healthy=True, methods=("vae",)),
        PluginInfo(name="studio_transformer", version="0.1.0", module="studio_transformer", healthy=True, methods=("gpt",),
                   importers=("causal_lm",)),
        PluginInfo(
            name="generative-studio", version="0.1.0", module="studio.engine", healthy=True,
            datasets=("emoji", "mnist", "moons", "rings", "shakespeare"), metrics=("frechet_distance", "precision", "recall"),
            nodes=("model", "noise", "label", "prompt", "sample", "encode", "decode", "grid", "compare", "save_image"),
        ),
        PluginInfo(
            name="studio_fractals", version="2.3", module="studio_fractals", healthy=False,
            error="ModuleNotFoundError: No module named 'numba'",
            traceback="Traceback:\n  File \"fractals/__init__.py\", line 3\nModuleNotFoundError: No module named 'numba'",
        ),
    ]  # fmt: skip
    engine.running = runs
    engine.journal = {
        run.id: [Entry(seq=0, time=0.0, event=Preview(step=run.step, name="fixed noise", file=f"step-{run.step:06d}.npz"))]
        for run in runs
    }
    engine.models = lambda: [*models, *engine.arrived]  # type: ignore[method-assign]
    engine.pictures = lambda: saved  # type: ignore[method-assign]
    engine.plugins = lambda: plugins  # type: ignore[method-assign]
