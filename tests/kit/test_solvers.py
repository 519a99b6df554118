"""Every solver beside diffusers' scheduler of the same name, on the same dummy trajectory."""

import diffusers
import pytest
import torch
from torch import Tensor

from studio.kit.preconditioning import Preconditioned
from studio.kit.schedules import alphas_cumprod, karras, rescale_zero_terminal_snr, split
from studio.kit.solvers import HEUN, SOLVERS, Level, choose, intervals, place, remember, weights

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PATHS = [
    (schedule, zero_snr, prediction)
    for schedule in ("linear", "cosine")
    for zero_snr, prediction in ((False, "epsilon"), (False, "v"), (True, "v"))
]
EVEN = [(1000, 50), (1000, 10), (200, 200), (100, 4), (50, 1)]
"""Timesteps and steps; diffusers' DDIM has an even grid only where one divides the other."""
UNEVEN = [*EVEN, (1000, 37), (90, 7)]
KARRAS = [(sigma_data, steps) for sigma_data in (0.5, 1.0) for steps in (2, 7, 18, 40)]


def dummy(x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
    """What a network might say: a smooth function of its input and of time."""
    return torch.sin(3 * x + time.reshape(-1, 1) / 100) * 0.7


def noise(count: int) -> Tensor:
    return torch.randn(count, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def solve(name, steps, level, clean, noises, eta=0.0) -> Tensor:
    """`steps` evaluations from `noises[0]`: `level(k, count)` is the grid, `clean(x, level)` the estimate."""
    solver, total, x = torch.tensor(SOLVERS.index(name)), torch.tensor(steps), noises[0]
    memory = torch.zeros_like(x)
    for i in range(steps):
        k, correcting = place(torch.tensor(i), total, solver)
        before, now, then = (level(int(j), int(intervals(total, solver))) for j in ((k - 1).clamp(min=0), k, k + 1))
        estimate = clean(x, choose(correcting, then, now))
        step = weights(solver, before, now, then, torch.tensor(eta), correcting)
        x, memory = step.combine(x, estimate, memory, noises[i + 1]), remember(solver, x, estimate)
    return x


class Discrete:
    """A variance-preserving grid of timesteps, ours and diffusers'."""

    def __init__(self, schedule, zero_snr, prediction, timesteps) -> None:
        self.bar = alphas_cumprod(schedule, timesteps, zero_snr)
        self.prediction, self.timesteps = prediction, timesteps

    def level(self, k: int, count: int) -> Level:
        t = round((count - k) * self.timesteps / count) - 1
        bar = self.bar[t] if t >= 0 else torch.ones((), dtype=torch.float64)
        return Level(bar.sqrt(), (1 - bar).sqrt(), torch.tensor(t, dtype=torch.float64))

    def clean(self, x: Tensor, level: Level) -> Tensor:
        return split(self.prediction, dummy(x, level.time), x, level.alpha, level.sigma)[0]

    def scheduler(self, kind, steps: int, **settings):
        """Diffusers' scheduler on this grid, which is kept in float64."""
        before = torch.cat([torch.ones(1), self.bar[:-1]])
        made = kind(
            num_train_timesteps=self.timesteps, timestep_spacing="trailing", trained_betas=(1 - self.bar / before).tolist(),
            prediction_type={"epsilon": "epsilon", "v": "v_prediction"}[self.prediction], **settings,
        )  # fmt: skip
        made.alphas_cumprod = self.bar
        made.set_timesteps(steps)
        if hasattr(made, "sigmas"):
            made.sigmas = torch.cat([((1 - self.bar) / self.bar).sqrt()[made.timesteps.long()], torch.zeros(1)])
        return made


@pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
@pytest.mark.parametrize(("timesteps", "steps"), EVEN)
@pytest.mark.parametrize("path", PATHS)
def test_that_ddim_equals_diffusers(path, timesteps, steps, eta):
    grid, noises = Discrete(*path, timesteps), noise(steps + 1)
    scheduler, x = grid.scheduler(diffusers.DDIMScheduler, steps, clip_sample=False), noises[0]
    for i, t in enumerate(scheduler.timesteps):
        x = scheduler.step(dummy(x, t.double()), int(t), x, eta=eta, variance_noise=noises[i + 1]).prev_sample
    torch.testing.assert_close(solve("ddim", steps, grid.level, grid.clean, noises, eta), x, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("timesteps", "steps"), UNEVEN)
@pytest.mark.parametrize("path", PATHS)
def test_that_ancestral_equals_diffusers(path, timesteps, steps, monkeypatch):
    grid, noises = Discrete(*path, timesteps), noise(steps + 1)
    scheduler, x = grid.scheduler(diffusers.DDPMScheduler, steps, clip_sample=False), noises[0]
    left = iter(noises[1:])
    monkeypatch.setattr("diffusers.schedulers.scheduling_ddpm.randn_tensor", lambda *args, **kwargs: next(left))
    for t in scheduler.timesteps:
        x = scheduler.step(dummy(x, t.double()), int(t), x).prev_sample
    torch.testing.assert_close(solve("ancestral", steps, grid.level, grid.clean, noises), x, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("timesteps", "steps"), UNEVEN)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("name", "kind"), [("euler", diffusers.EulerDiscreteScheduler), ("heun", diffusers.HeunDiscreteScheduler)]
)
def test_that_solvers_in_sigma_equal_diffusers(name, kind, path, timesteps, steps):
    grid = Discrete(*path, timesteps)
    scheduler = grid.scheduler(kind, steps)
    noises = noise(len(scheduler.timesteps) + 1)
    x = noises[0] * (scheduler.sigmas[0] ** 2 + 1).sqrt()
    for t in scheduler.timesteps:
        x = scheduler.step(dummy(scheduler.scale_model_input(x, t), t.double()), t, x).prev_sample
    ours = solve(name, len(scheduler.timesteps), grid.level, grid.clean, noises)
    torch.testing.assert_close(ours, x.double(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("timesteps", "steps"), UNEVEN)
@pytest.mark.parametrize("path", PATHS)
def test_that_dpmpp_2m_equals_diffusers(path, timesteps, steps):
    grid, noises = Discrete(*path, timesteps), noise(steps + 1)
    scheduler, x = grid.scheduler(diffusers.DPMSolverMultistepScheduler, steps), noises[0]
    for t in scheduler.timesteps:
        x = scheduler.step(dummy(x, t.double()), t, x).prev_sample
    torch.testing.assert_close(solve("dpmpp_2m", steps, grid.level, grid.clean, noises), x, atol=1e-5, rtol=1e-5)


def karras_level(k: int, count: int) -> Level:
    ramp = torch.tensor(k / max(1, count - 1), dtype=torch.float64)
    sigma = karras(ramp, 0.002, 80.0) if k < count else torch.zeros((), dtype=torch.float64)
    return Level(torch.ones(()), sigma, sigma)


@pytest.mark.parametrize(("sigma_data", "steps"), KARRAS)
@pytest.mark.parametrize(
    ("name", "kind"),
    [("euler", diffusers.EDMEulerScheduler), ("dpmpp_2m", diffusers.EDMDPMSolverMultistepScheduler)],
)
def test_that_solvers_on_karras_grid_equal_diffusers(name, kind, sigma_data, steps):
    scheduler = kind(sigma_data=sigma_data)
    scheduler.set_timesteps(steps)
    grid = torch.stack([karras_level(k, steps).sigma for k in range(steps + 1)])
    torch.testing.assert_close(scheduler.sigmas.double(), grid, atol=0, rtol=1e-5)
    scheduler.sigmas = grid
    noises = 80 * noise(steps + 1)
    x = noises[0]
    for t in scheduler.timesteps:
        x = scheduler.step(dummy(scheduler.scale_model_input(x, t), 100 * t.double()), t, x).prev_sample
    model = Preconditioned(dummy, sigma_data)  # type: ignore[arg-type]
    ours = solve(name, steps, karras_level, lambda x, level: model(x, level.sigma.expand(3)), noises)
    torch.testing.assert_close(ours, x.double(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("steps", range(1, 9))
def test_that_heun_uses_every_evaluation(steps):
    total, solver = torch.tensor(steps), torch.tensor(HEUN)
    places = [place(torch.tensor(i), total, solver) for i in range(steps)]
    count = int(intervals(total, solver))
    assert [int(k) for k, correcting in places if not correcting] == list(range(count))
    corrected = [int(k) for k, correcting in places if correcting]
    assert corrected == list(range(0 if steps % 2 else 1, count - 1))


@pytest.mark.parametrize("name", SOLVERS)
def test_that_a_perfect_estimate_is_reached_by_every_solver(name):
    data, noises = torch.tensor([[0.3, -0.7]], dtype=torch.float64), noise(12)
    reached = solve(name, 11, karras_level, lambda x, level: data.expand_as(x), noises)
    torch.testing.assert_close(reached, data.expand(3, 2))


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_that_zero_terminal_snr_equals_diffusers(schedule):
    from diffusers.schedulers.scheduling_ddim import rescale_zero_terminal_snr as theirs

    bar = alphas_cumprod(schedule, 200)
    betas = 1 - bar / torch.cat([torch.ones(1), bar[:-1]])
    torch.testing.assert_close(rescale_zero_terminal_snr(bar), torch.cumprod(1 - theirs(betas), 0), atol=1e-7, rtol=1e-5)
    assert float(alphas_cumprod(schedule, 200, zero_terminal_snr=True)[-1]) == 2.0**-24
