"""Radiance fields: how exactly views that were held out are rendered."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from studio.engine.metrics.psnr import psnr
from studio.engine.metrics.ssim import ssim
from studio.kit.sampler import sample
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import train

LEGO = str(Path(__file__).parents[4] / "shared" / "data" / "lego100")
LEGO_REFERENCE = "TensoRF VM-192 on Lego at 800x800, 30k steps (Chen et al., 2022)"


def held_out(method: str, data: str, steps: int, batch_size: int, **params: Any) -> Result:
    """The mean PSNR of all held-out views, every pixel of them, rendered from their own cameras."""
    trained = train(method, data, steps=steps, batch_size=batch_size, **params)
    poses, views = trained.dataset.validation_poses, trained.dataset.validation
    assert poses is not None
    rendered = np.asarray(sample(trained.generator.samplers()["render"], len(views), 0, {"pose": torch.from_numpy(poses)}))
    weights = sum(weight.numel() for weight in trained.generator.parameters())
    notes = f"SSIM {ssim(rendered, views):.3f}; {len(views)} views of {views.shape[2]}x{views.shape[3]}; {weights:,} weights"
    return Result(ours=psnr(rendered, views), cpu_seconds=trained.cpu_seconds, notes=notes)


METRIC = "dB PSNR, held-out views"
LINES = (
    Line(
        name="tensorf still life", method="tensorf", dataset="still life, 40 views of 64", budget="4000 steps of 1024 rays",
        metric=METRIC, better="higher", target=30.0, measure=partial(held_out, "tensorf", "analytic_scene", 4000, 1024),
    ),
    Line(
        name="nerf still life", method="nerf", dataset="still life, 40 views of 64", budget="5500 steps of 256 rays",
        metric=METRIC, better="higher", target=28.0, measure=partial(held_out, "nerf", "analytic_scene", 5500, 256),
    ),
    Line(
        name="hash_grid still life", method="hash_grid", dataset="still life, 40 views of 64", budget="2000 steps of 1024 rays",
        metric=METRIC, better="higher", target=28.0, measure=partial(held_out, "hash_grid", "analytic_scene", 2000, 1024),
    ),
    Line(
        name="tensorf lego", method="tensorf", dataset="Lego, 90 views of 100x100", budget="6000 steps of 1024 rays",
        metric=METRIC, better="higher", target=24.0, reference=LEGO_REFERENCE, published=36.46,
        measure=partial(held_out, "tensorf", LEGO, 6000, 1024, resolution=128, samples=192),
    ),
)  # fmt: skip
