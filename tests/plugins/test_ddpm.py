"""DDPM's own mathematics; its solvers are held against diffusers in tests/kit/test_solvers.py."""

import diffusers
import pytest
import torch
from studio_diffusion.cards.ddpm import DDPMParams
from studio_diffusion.ddpm import DDPM

from studio.api import Image, NoiseStream, Points, Signature, StudioError
from studio.kit.denoiser import Denoiser
from studio.kit.sampler import given_tensors, trajectory
from studio.kit.schedules import alphas_cumprod

SETTINGS = [
    (schedule, prediction, timesteps, steps)
    for schedule in ("linear", "cosine")
    for prediction in ("epsilon", "v")
    for timesteps, steps in ((1000, 10), (200, 40), (100, 4))
]


class Dummy(torch.nn.Module):
    """A network whose output is a smooth function of its input and time."""

    def forward(self, x, time, labels=None):
        return torch.sin(3 * x + time[:, None, None, None] / 100) * 0.7


class Knowing(torch.nn.Module):
    """A network that always gives one answer."""

    def __init__(self, answer) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, x, time, labels=None):
        return self.answer


def build(schedule, prediction, timesteps) -> DDPM:
    signature = Signature(space=Image(height=4, width=4, channels=1))
    ddpm = DDPM(signature, DDPMParams(schedule=schedule, prediction=prediction, timesteps=timesteps, width=8)).double()
    ddpm.average = Dummy()
    bar = alphas_cumprod(schedule, timesteps)
    ddpm.alphas, ddpm.sigmas = bar.sqrt(), (1 - bar).sqrt()
    return ddpm


def reference(kind, schedule, prediction, timesteps, steps):
    bar = alphas_cumprod(schedule, timesteps)
    scheduler = kind(
        num_train_timesteps=timesteps, clip_sample=True, timestep_spacing="trailing",
        prediction_type={"epsilon": "epsilon", "v": "v_prediction"}[prediction],
    )  # fmt: skip
    scheduler.alphas_cumprod = bar
    scheduler.betas = 1 - bar / torch.cat([torch.ones(1), bar[:-1]])
    scheduler.set_timesteps(steps)
    return scheduler


def run(sampler, steps, noises, **controls):
    given = given_tensors(sampler, {}, {"steps": steps, **controls}, torch.device("cpu"))
    carry = sampler.init(noises[0], given)
    for i in range(steps):
        carry = sampler.step(carry, torch.tensor(i), noises[i + 1], given)
    return sampler.finish(carry)


def draw(steps):
    return torch.randn(steps + 1, 3, 1, 4, 4, generator=torch.Generator().manual_seed(0)).double()


@pytest.mark.parametrize("eta", [0.0, 0.5])
@pytest.mark.parametrize(("schedule", "prediction", "timesteps", "steps"), SETTINGS)
def test_that_clipped_ddim_equals_diffusers(schedule, prediction, timesteps, steps, eta):
    ddpm, noises = build(schedule, prediction, timesteps), draw(steps)
    scheduler, x = reference(diffusers.DDIMScheduler, schedule, prediction, timesteps, steps), noises[0]
    for i, t in enumerate(scheduler.timesteps):
        output = ddpm.average(x, ddpm.time(t).expand(3))
        x = scheduler.step(output, int(t), x, eta=eta, use_clipped_model_output=True, variance_noise=noises[i + 1]).prev_sample
    ours = run(ddpm.samplers()["sample"], steps, noises, solver="ddim", eta=eta)
    torch.testing.assert_close(ours, x, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("schedule", "prediction", "timesteps", "steps"), SETTINGS)
def test_that_clipped_ancestral_equals_diffusers(schedule, prediction, timesteps, steps, monkeypatch):
    ddpm, noises = build(schedule, prediction, timesteps), draw(steps)
    scheduler, x = reference(diffusers.DDPMScheduler, schedule, prediction, timesteps, steps), noises[0]
    left = iter(noises[1:])
    monkeypatch.setattr("diffusers.schedulers.scheduling_ddpm.randn_tensor", lambda *args, **kwargs: next(left))
    for t in scheduler.timesteps:
        x = scheduler.step(ddpm.average(x, ddpm.time(t).expand(3)), int(t), x).prev_sample
    ours = run(ddpm.samplers()["sample"], steps, noises, solver="ancestral")
    torch.testing.assert_close(ours, x, atol=1e-5, rtol=1e-5)


def test_that_guidance_of_one_is_the_class_alone_and_of_zero_is_no_class():
    ddpm = DDPM(Signature(space=Points(dimensions=2), classes=("a", "b")), DDPMParams(width=8, timesteps=20)).eval()
    sampler = ddpm.samplers()["sample"]
    x, labels, level = torch.randn(4, 2), torch.tensor([0, 1, 0, 1]), ddpm.at(torch.full((1, 1), 0.7))

    def guided(scale: float) -> torch.Tensor:
        return sampler.guided(x, level, {"label": labels, "guidance_scale": torch.tensor(scale)})

    torch.testing.assert_close(guided(1.0), ddpm.clean(x, level, labels))
    torch.testing.assert_close(guided(0.0), ddpm.clean(x, level, torch.full((4,), 2)))


@pytest.mark.parametrize("prediction", ["epsilon", "v"])
def test_that_it_denoises_any_noise_level_at_the_timestep_where_that_level_lies(prediction):
    ddpm = build("linear", prediction, 100)
    assert isinstance(ddpm, Denoiser)
    at = torch.tensor([3, 40, 99])
    sigma = ddpm.sigmas[at] / ddpm.alphas[at]
    level = ddpm.at(sigma[:, None, None, None])
    torch.testing.assert_close(level.time, ddpm.time(at).double())
    torch.testing.assert_close(level.alpha.flatten(), ddpm.alphas[at])
    between = ddpm.at((sigma[:2].prod() ** 0.5).reshape(1, 1, 1, 1))
    assert ddpm.time(torch.tensor(3)) < between.time < ddpm.time(torch.tensor(40))
    assert ddpm.denoise(torch.randn(3, 1, 4, 4).double(), sigma).shape == (3, 1, 4, 4)


def test_that_a_perfect_network_denoises_perfectly():
    ddpm, clean = build("cosine", "v", 100), torch.randn(2, 1, 4, 4).double()
    sigma, noise = torch.tensor([0.1, 5.0]).double(), torch.randn(2, 1, 4, 4).double()
    level = ddpm.at(sigma[:, None, None, None])
    ddpm.average = Knowing(level.alpha * noise - level.sigma * clean)
    torch.testing.assert_close(ddpm.denoise(clean + sigma[:, None, None, None] * noise, sigma), clean)


def test_that_zero_terminal_snr_refuses_to_predict_the_noise():
    with pytest.raises(StudioError, match="prediction v"):
        DDPM(Signature(space=Points()), DDPMParams(zero_terminal_snr=True, prediction="epsilon"))


@pytest.mark.parametrize("steps", [9, 19])
def test_that_heun_bears_a_schedule_that_begins_with_no_signal(steps):
    answer = torch.full((2, 1, 4, 4), 0.5).double()
    ddpm = build("cosine", "v", 1000)
    ddpm.clean = lambda x, level, labels: answer + 0.01 * torch.cos(level.time)
    noise = NoiseStream(0, 2)
    path = trajectory(ddpm.samplers()["sample"], 2, noise, {}, {"solver": "heun", "steps": steps}, torch.device("cpu"))
    assert max(carry["x"].abs().max() for carry in path) < 5
