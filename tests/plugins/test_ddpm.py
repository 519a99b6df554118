"""DDPM's own mathematics, beside diffusers'."""

import diffusers
import pytest
import torch
from studio_diffusion.cards.ddpm import DDPMParams
from studio_diffusion.ddpm import DDPM, Ancestral

from studio.api import Image, Points, Signature
from studio.kit.sampler import given_tensors
from studio.kit.schedules import alphas_cumprod

SETTINGS = [
    (schedule, prediction, timesteps, steps, clip)
    for schedule in ("linear", "cosine")
    for prediction in ("epsilon", "v")
    for timesteps, steps in ((1000, 50), (1000, 10), (200, 200), (100, 4))
    for clip in (False, True)
]


class Dummy(torch.nn.Module):
    """A network whose output is a smooth function of its input and time."""

    def forward(self, x, time, labels=None):
        return torch.sin(3 * x + time[:, None, None, None] / 100) * 0.7


def build(schedule, prediction, timesteps, clip) -> DDPM:
    signature = Signature(space=Image(height=4, width=4, channels=1))
    ddpm = DDPM(signature, DDPMParams(schedule=schedule, prediction=prediction, timesteps=timesteps, width=8))
    ddpm.average = Dummy()
    return ddpm.double()


def reference(kind, ddpm, schedule, prediction, timesteps, clip, steps):
    bar = alphas_cumprod(schedule, timesteps).double()
    betas = 1 - bar / torch.cat([torch.ones(1, dtype=torch.float64), bar[:-1]])
    scheduler = kind(
        num_train_timesteps=timesteps, trained_betas=betas.tolist(), clip_sample=clip, timestep_spacing="trailing",
        prediction_type={"epsilon": "epsilon", "v": "v_prediction"}[prediction],
    )  # fmt: skip
    scheduler.alphas_cumprod = ddpm.alphas_cumprod
    scheduler.set_timesteps(steps)
    return scheduler


def run(sampler, steps, noises, controls):
    sampler.bounded = controls.pop("clip")
    given = given_tensors(sampler, {}, {"steps": steps, **controls}, torch.device("cpu"))
    carry = sampler.init(noises[0], given)
    for i in range(steps):
        carry = sampler.step(carry, torch.tensor(i), noises[i + 1], given)
    return sampler.finish(carry)


@pytest.mark.parametrize("eta", [0.0, 0.5])
@pytest.mark.parametrize(("schedule", "prediction", "timesteps", "steps", "clip"), SETTINGS)
def test_that_ddim_steps_equal_diffusers(schedule, prediction, timesteps, steps, clip, eta):
    ddpm = build(schedule, prediction, timesteps, clip)
    noises = torch.randn(steps + 1, 3, 1, 4, 4, generator=torch.Generator().manual_seed(0)).double()
    ours = run(ddpm.samplers()["sample"], steps, noises, {"eta": eta, "clip": clip})
    scheduler = reference(diffusers.DDIMScheduler, ddpm, schedule, prediction, timesteps, clip, steps)
    x = noises[0]
    for i, t in enumerate(scheduler.timesteps):
        output = ddpm.average(x, ddpm.time(t).expand(3))
        x = scheduler.step(output, int(t), x, eta=eta, use_clipped_model_output=clip, variance_noise=noises[i + 1]).prev_sample
    torch.testing.assert_close(ours, x, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(("schedule", "prediction", "timesteps", "steps", "clip"), SETTINGS)
def test_that_ancestral_steps_equal_diffusers(schedule, prediction, timesteps, steps, clip, monkeypatch):
    ddpm = build(schedule, prediction, timesteps, clip)
    noises = torch.randn(steps + 1, 3, 1, 4, 4, generator=torch.Generator().manual_seed(0)).double()
    ours = run(Ancestral(ddpm), steps, noises, {"clip": clip})
    scheduler = reference(diffusers.DDPMScheduler, ddpm, schedule, prediction, timesteps, clip, steps)
    left = iter(noises[1:])
    monkeypatch.setattr("diffusers.schedulers.scheduling_ddpm.randn_tensor", lambda *args, **kwargs: next(left))
    x = noises[0]
    for t in scheduler.timesteps:
        x = scheduler.step(ddpm.average(x, ddpm.time(t).expand(3)), int(t), x).prev_sample
    torch.testing.assert_close(ours, x, atol=1e-5, rtol=1e-5)


def test_that_guidance_of_one_is_the_class_alone_and_of_zero_is_no_class():
    ddpm = DDPM(Signature(space=Points(dimensions=2), classes=("a", "b")), DDPMParams(width=8, timesteps=20))
    sampler = ddpm.samplers()["sample"]
    x, time, labels = torch.randn(4, 2), torch.full((4,), 10.0), torch.tensor([0, 1, 0, 1])
    ddpm.eval()

    def guided(scale: float) -> torch.Tensor:
        return sampler.guided(x, time, {"label": labels, "guidance_scale": torch.tensor(scale)})

    torch.testing.assert_close(guided(1.0), ddpm.average(x, time, labels))
    torch.testing.assert_close(guided(0.0), ddpm.average(x, time, torch.full((4,), 2)))
