"""Metrics of rendered views against their definitions."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from studio.api import StudioError
from studio.engine.comparison.compare import compare
from studio.engine.datasets.analytic_scene import scene
from studio.engine.metrics.evaluate import evaluate
from studio.engine.metrics.psnr import psnr
from studio.engine.metrics.ssim import ssim

SCENE = scene(4, 2, 16)


def test_that_psnr_is_the_mean_over_views_and_not_over_pixels() -> None:
    real = np.zeros((2, 3, 4, 4))
    made = real.copy()
    made[0] += 0.1
    made[1] += 0.01
    assert psnr(made, real) == pytest.approx((20 + 40) / 2)


def test_that_ssim_is_its_formula_under_a_gaussian_window() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.random((2, 1, 1, 11, 11))
    steps = np.arange(-5, 6)
    window = np.exp(-(steps**2) / (2 * 1.5**2))
    window = np.outer(window, window) / window.sum() ** 2
    mean_a, mean_b = (window * a[0, 0]).sum(), (window * b[0, 0]).sum()
    var_a, var_b = (window * a[0, 0] ** 2).sum() - mean_a**2, (window * b[0, 0] ** 2).sum() - mean_b**2
    both = (window * a[0, 0] * b[0, 0]).sum() - mean_a * mean_b
    expected = (2 * mean_a * mean_b + 1e-4) * (2 * both + 9e-4) / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4))
    assert ssim(a, b) == pytest.approx(expected, abs=1e-6)
    assert ssim(a, a) == pytest.approx(1)


def test_that_views_are_measured_against_the_held_out_ones_and_need_one_for_each() -> None:
    numbers = evaluate(SCENE.validation, SCENE)
    assert numbers == {"psnr": pytest.approx(100), "ssim": pytest.approx(1)}
    assert evaluate(SCENE.validation[::-1], SCENE)["psnr"] < 30
    with pytest.raises(StudioError, match="3 views cannot be compared with 2 held-out ones"):
        evaluate(SCENE.train[:3], SCENE)


def test_that_a_comparison_renders_the_held_out_views_from_their_cameras() -> None:
    asked: list[Any] = []

    class Model:
        provider = "cpu"
        card = SimpleNamespace(
            signature=SCENE.signature, title="a", family="nerf", parameters=1,
            sampler=lambda name: SimpleNamespace(controls=(), plan=SimpleNamespace(steps=1)),
        )  # fmt: skip

        def sample(self, sampler: str, n: int, *, seed: int = 0, inputs: Any = None) -> np.ndarray:
            asked.append((sampler, n, inputs))
            return SCENE.validation[:n]

    (row,) = compare({"a": Model()}, SCENE, 64, 0)
    assert row.metrics["psnr"] == pytest.approx(100)
    sampler, n, inputs = asked[-1]
    assert (sampler, n) == ("render", 2)
    assert inputs["pose"] is SCENE.validation_poses
