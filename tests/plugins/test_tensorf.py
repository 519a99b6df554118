"""TensoRF's own mathematics."""

import pytest
import torch
from studio_nerf.cards.tensorf import TensoRFParams
from studio_nerf.tensorf import TensoRF, VectorMatrix

from studio.engine.datasets.analytic_scene import scene
from studio.kit.source import Source
from studio.kit.training import Fit, Settings

SIGNATURE = scene(8, 2, 8).signature


class Silent:
    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples, insights): ...


def test_that_the_products_are_those_of_the_outer_product_on_the_grid():
    torch.manual_seed(0)
    grid = VectorMatrix(2, 5)
    x, y, z = 1, 4, 2
    point = torch.tensor([[x, y, z]]) / 2 - 1
    found = grid(point).reshape(3, 2)
    planes, lines = grid.planes, grid.lines[..., 0]
    expected = torch.stack(
        [planes[0, :, y, x] * lines[0, :, z], planes[1, :, z, x] * lines[1, :, y], planes[2, :, z, y] * lines[2, :, x]]
    )
    torch.testing.assert_close(found, expected)


def test_that_a_finer_grid_holds_the_same_field_where_the_coarse_one_is_smooth():
    grid = VectorMatrix(1, 5)
    ramp = torch.linspace(-1, 1, 5)
    grid.planes.data = (ramp[:, None] + 2 * ramp).expand(3, 1, 5, 5).clone()
    grid.lines.data = ramp[:, None].expand(3, 1, 5, 1).clone()
    points = torch.rand(50, 3) * 2 - 1
    before = grid(points)
    grid.resize(11)
    torch.testing.assert_close(grid(points), before, atol=1e-5, rtol=1e-4)


def test_that_the_grid_grows_at_its_times_and_a_checkpoint_of_a_finer_one_loads():
    params = TensoRFParams(coarse=8, resolution=20, cells=4)
    model = TensoRF(SIGNATURE, params)
    sizes = [model.field.densities.size for fraction in (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.9) if model.refine(fraction) or True]
    assert sizes == [8, 8, 10, 13, 16, 20, 20]
    assert not model.refine(0.95)
    fresh = TensoRF(SIGNATURE, params)
    fresh.load_state_dict(model.state_dict())
    points = torch.rand(20, 3) * 2 - 1
    torch.testing.assert_close(fresh.field.density(points)[0], model.field.density(points)[0])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_a_small_still_life_is_learnt():
    dataset = scene(24, 4, 24)
    torch.manual_seed(0)
    model = TensoRF(dataset.signature, TensoRFParams(resolution=48, coarse=24, samples=64, cells=24))
    seen: list[float] = []

    class Noted(Silent):
        def report(self, event):
            if event.kind == "step" and "validation_psnr" in event.values:
                seen.append(event.values["validation_psnr"])

    settings = Settings(steps=400, batch_size=512, preview_every=1e9, checkpoint_every=1e9, previews=1)
    Fit(model, Source(dataset, 512, 0, settings.device), settings, Noted()).run()
    assert seen[-1] > 20
    assert seen[-1] > seen[0] + 5
    assert model.occupancy.filled.float().mean() < 0.7
