"""Noise levels and timesteps of pipelines from elsewhere, and pictures made on them, against diffusers' own schedulers."""

import json
import logging

import diffusers
import pytest
import torch
from diffusers.pipelines.stable_diffusion import pipeline_stable_diffusion_img2img
from diffusers.schedulers import scheduling_ddpm, scheduling_euler_ancestral_discrete
from studio_diffusion.on_timetable import noise_levels
from studio_diffusion.pipeline_folder import read_pipeline
from studio_diffusion.pipeline_parts import Parts
from studio_diffusion.stable_diffusion import StableDiffusion, open_pipeline
from studio_diffusion.timetable import timetable_of

from studio.api import ImportOptions, Noise, NoiseStream, StudioError
from studio.engine.models.feeding import words
from studio.kit.sampler import sample
from tests.plugins.pretrained import tiny_stable_diffusion

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
PROMPT, NEGATIVE = "A cat, and a dog", "a dog"
SOLVERS = {
    "DDIM": "ddim", "DDPM": "ancestral", "EulerDiscrete": "euler", "EulerAncestralDiscrete": "ancestral", "HeunDiscrete": "heun",
    "DPMSolverMultistep": "dpmpp_2m", "PNDM": "ddim",
}  # fmt: skip
EQUAL = [name for name in SOLVERS if name != "PNDM"]
BETAS = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
DRAWING = (scheduling_ddpm, scheduling_euler_ancestral_discrete, pipeline_stable_diffusion_img2img)
V_TO_NOTHING = {"prediction_type": "v_prediction", "rescale_betas_zero_snr": True, "timestep_spacing": "trailing"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    """(the pipeline of diffusers, ours)"""
    folder = tmp_path_factory.mktemp("pipeline")
    return tiny_stable_diffusion(folder), open_pipeline(folder, ImportOptions())


class Case:
    """A scheduler of diffusers on the tiny pipeline, and our model on what the scheduler's settings say."""

    def __init__(self, opened, folder, name, **settings):
        self.pipeline, model = opened
        unclipped = {"clip_sample": False} if name in ("DDIM", "DDPM") else {}
        self.scheduler = getattr(diffusers, f"{name}Scheduler")(**{**BETAS, "steps_offset": 1, **unclipped, **settings})
        self.scheduler.save_pretrained(folder)
        timetable = timetable_of(folder)
        self.solver = SOLVERS[name]
        assert timetable.solver == self.solver
        asked = model.pipeline.model_copy(update={"timetable": timetable})
        parts = Parts(list(model.text.encoders), model.denoiser, model.encoder, model.decoder)
        self.model = StableDiffusion(asked, parts).eval()
        self.shape = Noise(shape=model.latent_shape)

    def theirs(self, monkeypatch, pipeline, **asked):
        """The picture that diffusers makes in [-1, 1], with the noise of seed 3 in our order."""
        stream = NoiseStream(3, 1)
        for module in DRAWING:
            monkeypatch.setattr(module, "randn_tensor", lambda *_, **__: torch.from_numpy(stream.draw(self.shape)))
        pipeline.scheduler = self.scheduler
        if "image" not in asked:
            asked["latents"] = torch.from_numpy(stream.draw(self.shape))
        said = {"prompt": PROMPT, "negative_prompt": NEGATIVE, "guidance_scale": 7.5}
        return 2 * pipeline(**said, **asked, output_type="pt").images - 1

    def ours(self, sampler, inputs, **controls):
        known = self.model.signature.words
        said = {"prompt": words(PROMPT, known, 1), "negative_prompt": words(NEGATIVE, known, 1)}
        given = inputs | {name: torch.from_numpy(rows) for name, rows in said.items()}
        controls |= {"solver": self.solver, "guidance_scale": 7.5}
        return sample(self.model.samplers()[sampler], 1, 3, given, controls)

    def evaluations(self, steps):
        """Of the network, where diffusers counts intervals."""
        return 2 * steps - 1 if self.solver == "heun" else steps

    def gap(self, monkeypatch, steps=6):
        expected = self.theirs(monkeypatch, self.pipeline, num_inference_steps=steps)
        assert expected.std() > 0.1
        return float((self.ours("sample", {}, steps=self.evaluations(steps)) - expected).abs().max())


@pytest.mark.parametrize("steps", [6, 10])
@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("name", EQUAL)
def test_that_pictures_are_those_of_diffusers_on_every_spacing(opened, tmp_path, monkeypatch, name, spacing, steps):
    assert Case(opened, tmp_path, name, timestep_spacing=spacing).gap(monkeypatch, steps) < 1e-3


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("EulerDiscrete", {"use_karras_sigmas": True}),
        ("EulerDiscrete", {"use_karras_sigmas": True, "timestep_spacing": "trailing"}),
        ("HeunDiscrete", {"use_karras_sigmas": True}),
        ("DPMSolverMultistep", {"use_karras_sigmas": True}),
        ("EulerDiscrete", {"final_sigmas_type": "sigma_min"}),
        ("DPMSolverMultistep", {"final_sigmas_type": "sigma_min", "lower_order_final": False}),
        ("DDIM", {"set_alpha_to_one": False}),
        ("DDIM", V_TO_NOTHING),
        ("EulerDiscrete", V_TO_NOTHING),
        ("DPMSolverMultistep", {"prediction_type": "v_prediction"}),
        ("EulerAncestralDiscrete", {"beta_schedule": "linear"}),
        ("EulerDiscrete", {"beta_schedule": "squaredcos_cap_v2"}),
        ("DPMSolverMultistep", {"trained_betas": [0.001 + 0.00002 * k for k in range(1000)]}),
        ("HeunDiscrete", {"num_train_timesteps": 500}),
    ],
)
def test_that_other_settings_are_followed(opened, tmp_path, monkeypatch, name, settings):
    assert Case(opened, tmp_path, name, **settings).gap(monkeypatch) < 1e-3


@pytest.mark.parametrize(
    ("name", "settings", "gap"),
    [
        ("PNDM", {"skip_prk_steps": True}, 0.112),
        ("DPMSolverMultistep", {"final_sigmas_type": "sigma_min"}, 0.0026),
        ("DPMSolverMultistep", {"solver_type": "heun"}, 0.0056),
        ("DPMSolverMultistep", {"solver_order": 3}, 0.013),
        ("DPMSolverMultistep", {"use_lu_lambdas": True}, 0.020),
        ("DPMSolverMultistep", {"beta_schedule": "squaredcos_cap_v2", "lambda_min_clipped": -5.1}, 0.037),
        ("EulerDiscrete", {"interpolation_type": "log_linear"}, 0.0036),
        ("EulerDiscrete", {"use_exponential_sigmas": True}, 0.022),
        ("HeunDiscrete", {"beta_schedule": "squaredcos_cap_v2"}, 0.25),
        ("DDPM", {"variance_type": "fixed_large"}, 0.068),
        ("DDIM", {"clip_sample": True}, 1.4),
    ],
)
def test_that_what_is_not_followed_differs_by_as_much_as_is_said(opened, tmp_path, monkeypatch, name, settings, gap):
    """Of a picture's two: PNDM remembers four predictions where our solvers remember one; the rest are other formulas under the
    same names, or other grids. Heun's first step on the cosine schedule is Euler's here, as it would only do harm. Latents
    are never cut off, which diffusers does not let 1.x do either.
    """
    assert Case(opened, tmp_path, name, **settings).gap(monkeypatch) == pytest.approx(gap, rel=0.1)


@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
@pytest.mark.parametrize("name", [name for name in EQUAL if name != "HeunDiscrete"])
def test_that_a_picture_is_varied_as_diffusers_varies_it(opened, tmp_path, monkeypatch, name, spacing):
    """Six of ten steps."""
    case = Case(opened, tmp_path, name, timestep_spacing=spacing)
    parts = case.pipeline.components | {"scheduler": case.scheduler}
    pipeline = diffusers.StableDiffusionImg2ImgPipeline(**parts, requires_safety_checker=False)
    pipeline.set_progress_bar_config(disable=True)
    picture = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        latents = case.model.encode(picture)
    expected = case.theirs(monkeypatch, pipeline, image=latents, strength=0.6, num_inference_steps=10)
    assert (case.ours("image_to_image", {"sample": picture}, steps=6, strength=0.6) - expected).abs().max() < 1e-3


@pytest.mark.parametrize("settings", [{"beta_schedule": "scaled_linear"}, V_TO_NOTHING, {"beta_schedule": "squaredcos_cap_v2"}])
def test_that_noise_levels_are_those_of_diffusers(tmp_path, settings):
    scheduler = diffusers.DDIMScheduler(**settings)
    scheduler.save_pretrained(tmp_path)
    levels = noise_levels(timetable_of(tmp_path)).float()
    torch.testing.assert_close(levels, scheduler.alphas_cumprod, atol=1e-6, rtol=2e-4)


@pytest.mark.parametrize(("chosen", "spacing"), [("DDIM", "leading"), ("EulerDiscrete", "linspace")])
def test_that_a_solver_has_its_own_spacing_where_a_folder_says_none(opened, tmp_path, chosen, spacing):
    case = Case(opened, tmp_path, "DDPM", timestep_spacing="trailing")
    other = getattr(diffusers, f"{chosen}Scheduler")(**BETAS, timestep_spacing=spacing)
    other.set_timesteps(10)
    settings = json.loads((tmp_path / "scheduler_config.json").read_text())
    del settings["timestep_spacing"], settings["steps_offset"]
    (tmp_path / "scheduler_config.json").write_text(json.dumps(settings))
    case.model.timetable = timetable_of(tmp_path)
    solver, count = torch.tensor({"DDIM": 0, "EulerDiscrete": 2}[chosen]), torch.tensor(10)
    seen = [float(case.model.level_for(torch.tensor(k), count, solver, 1.0).time) for k in range(10)]
    assert seen == pytest.approx(other.timesteps.tolist())


@pytest.mark.filterwarnings("ignore:The configuration file of this scheduler:FutureWarning")
def test_that_the_offset_of_old_folders_is_put_right_as_diffusers_does(tmp_path, caplog):
    logging.getLogger("diffusers").setLevel(logging.ERROR)
    pipeline = tiny_stable_diffusion(tmp_path, steps_offset=0)
    assert pipeline.scheduler.config.steps_offset == 1
    assert timetable_of(tmp_path / "scheduler").offset in (0, 1)
    assert read_pipeline(tmp_path).timetable.offset == 1


def test_that_a_denoiser_that_is_told_no_timesteps_is_refused(tmp_path):
    diffusers.EulerDiscreteScheduler(timestep_type="continuous", prediction_type="v_prediction").save_pretrained(tmp_path)
    with pytest.raises(StudioError, match="in place of a timestep"):
        timetable_of(tmp_path)
