"""Stable Diffusion pipelines from elsewhere, against diffusers itself."""

import json
import shutil

import diffusers
import pytest
import torch
from studio_diffusion.on_timetable import noise_levels
from studio_diffusion.pipeline_folder import activations, outline, read_pipeline
from studio_diffusion.stable_diffusion import open_pipeline
from studio_diffusion.timetable import timetable_of

from studio.api import ImportOptions, Noise, NoiseStream, StudioError
from studio.engine.models.feeding import left_out, words
from studio.kit.sampler import sample
from tests.plugins.pretrained import tiny_stable_diffusion, tiny_stable_diffusion_xl

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
PLAIN = ImportOptions()
PROMPT, NEGATIVE = "A cat, and a dog", "a dog"
STEPS = 6
SCHEDULERS = {
    "ddim": diffusers.DDIMScheduler,
    "euler": diffusers.EulerDiscreteScheduler,
    "dpmpp_2m": diffusers.DPMSolverMultistepScheduler,
}
MAKERS = {"1.x": tiny_stable_diffusion, "XL": tiny_stable_diffusion_xl}


@pytest.fixture(scope="module", params=MAKERS)
def opened(request, tmp_path_factory):
    """(the pipeline of diffusers, ours)"""
    folder = tmp_path_factory.mktemp("pipeline")
    return MAKERS[request.param](folder), open_pipeline(folder, PLAIN)


def theirs(pipeline, generator, solver, negative=NEGATIVE, n=1):
    """The picture that diffusers makes, in [-1, 1], with the first noise of seed 3, on the timesteps that the folder says."""
    pipeline.scheduler = SCHEDULERS[solver].from_config(pipeline.scheduler.config, timestep_spacing="leading")
    latents = torch.from_numpy(NoiseStream(3, n).draw(Noise(shape=generator.latent_shape)))
    asked = {"prompt": [PROMPT] * n, "negative_prompt": negative and [negative] * n, "num_inference_steps": STEPS}
    return 2 * pipeline(**asked, guidance_scale=7.5, latents=latents, output_type="pt").images - 1


def ours(generator, solver, negative=NEGATIVE):
    known = generator.signature.words
    given = {"prompt": words(PROMPT, known, 1), "negative_prompt": words(negative or "", known, 1)}
    inputs = {name: torch.from_numpy(rows) for name, rows in given.items()}
    controls = {"steps": STEPS, "solver": solver, "guidance_scale": 7.5}
    return sample(generator.samplers()["sample"], 1, 3, inputs, controls)


@pytest.mark.parametrize("solver", SCHEDULERS)
def test_that_pictures_are_those_of_diffusers(opened, solver):
    pipeline, generator = opened
    expected = theirs(pipeline, generator, solver)
    assert expected.std() > 0.1
    assert (ours(generator, solver) - expected).abs().max() < 1e-3


def test_that_nothing_to_keep_away_from_is_what_diffusers_makes_of_it(opened):
    pipeline, generator = opened
    assert (ours(generator, "ddim", None) - theirs(pipeline, generator, "ddim", None)).abs().max() < 1e-3


def test_that_the_host_writes_prompts_as_the_pipeline_s_tokenizer_does(opened):
    pipeline, generator = opened
    texts = ["A cat, and a DOG", "", "it's 2 cats & \u00e4 dog", "dog " * 40]
    expected = pipeline.tokenizer(texts, padding="max_length", max_length=16, truncation=True).input_ids
    assert words(texts, generator.signature.words, 4).tolist() == expected
    assert not left_out(texts[:3], generator.signature.words)
    assert "the end of the prompt is left out" in left_out(texts, generator.signature.words)


def test_that_encoding_is_the_mean_that_diffusers_gives(opened):
    pipeline, generator = opened
    x = torch.rand(2, 3, 16, 16) * 2 - 1
    with torch.no_grad():
        expected = pipeline.vae.encode(x).latent_dist.mean * pipeline.vae.config.scaling_factor
        torch.testing.assert_close(generator.encode(x), expected)


@pytest.mark.parametrize(
    "settings",
    [
        {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012},
        {"beta_schedule": "linear", "rescale_betas_zero_snr": True, "prediction_type": "v_prediction"},
        {"beta_schedule": "squaredcos_cap_v2"},
    ],
)
def test_that_noise_levels_are_those_of_diffusers(tmp_path, settings):
    scheduler = diffusers.DDIMScheduler(**settings)
    scheduler.save_pretrained(tmp_path)
    levels = noise_levels(timetable_of(tmp_path)).float()
    torch.testing.assert_close(levels, scheduler.alphas_cumprod, atol=1e-6, rtol=2e-4)


@pytest.mark.parametrize("solver", ["ddim", "dpmpp_2m"])
@pytest.mark.parametrize("spacing", ["leading", "trailing", "linspace"])
def test_that_timesteps_are_those_of_diffusers(tmp_path, solver, spacing):
    pipeline = tiny_stable_diffusion(tmp_path, timestep_spacing=spacing)
    generator = open_pipeline(tmp_path, PLAIN)
    scheduler = SCHEDULERS[solver].from_config(pipeline.scheduler.config)
    scheduler.set_timesteps(10)
    index, count = torch.tensor(list(SCHEDULERS).index(solver) if solver == "ddim" else 4), torch.tensor(10)
    seen = [int(generator.level_for(torch.tensor(k), count, index, 1.0).time) for k in range(10)]
    assert seen == scheduler.timesteps.tolist()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    tiny_stable_diffusion(folder)
    return folder


@pytest.fixture
def copy(whole, tmp_path):
    return shutil.copytree(whole, tmp_path / "copy")


def change(file, **changes):
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_that_the_outline_counts_every_weight_and_the_widest_moment(whole):
    generator = open_pipeline(whole, PLAIN)
    assert outline(whole, PLAIN).parameters == sum(weight.numel() for weight in generator.parameters())
    pipeline = read_pipeline(whole)
    large = {"sample_size": 64, "down_block_types": ["CrossAttnDownBlock2D"], "attention_head_dim": 8}
    assert activations(pipeline.model_copy(update={"unet": large})) == 4 * 2 * 8 * 4096**2


@pytest.mark.parametrize(
    ("file", "changes", "reason"),
    [
        ("model_index.json", {"_class_name": "FluxPipeline"}, "FluxPipeline cannot be opened.*T5"),
        ("model_index.json", {"_class_name": "EvilPipeline"}, "EvilPipeline cannot be opened.*code that comes with a model"),
        ("model_index.json", {"unet": ["evil", "UNet2DConditionModel"]}, "'unet' is a UNet2DConditionModel, which is not known"),
        ("model_index.json", {"text_encoder": ["transformers", "T5EncoderModel"]}, "'text_encoder' is a T5EncoderModel"),
        ("unet/config.json", {"in_channels": 9}, "takes more than latents"),
        ("unet/config.json", {"time_cond_proj_dim": 256}, "LCM"),
        ("scheduler/scheduler_config.json", {"_class_name": "FlowMatchEulerDiscreteScheduler"}, "FlowMatchEuler"),
        ("scheduler/scheduler_config.json", {"beta_schedule": "wavy"}, "'beta_schedule' is 'wavy'"),
    ],
)
def test_that_what_is_not_known_is_refused_with_its_reason(copy, file, changes, reason):
    change(copy / file, **changes)
    with pytest.raises(StudioError, match=reason):
        outline(copy, PLAIN)


def test_that_a_missing_part_is_named(copy):
    shutil.rmtree(copy / "vae")
    with pytest.raises(StudioError, match="'vae' is missing"):
        outline(copy, PLAIN)


def test_that_pickles_are_refused(copy):
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    with pytest.raises(StudioError, match="run any code"):
        outline(copy, PLAIN)


def test_that_a_cut_off_file_is_refused(copy):
    weights = copy / "text_encoder" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(StudioError, match="cut off"):
        outline(copy, PLAIN)


def test_that_weights_that_are_missing_in_a_whole_file_are_named(copy):
    from safetensors.torch import load_file, save_file

    file = copy / "unet" / "diffusion_pytorch_model.safetensors"
    weights = load_file(file)
    del weights["conv_in.bias"]
    save_file(weights, file, {"format": "pt"})
    with pytest.raises(StudioError, match=r"'unet' is not complete.*conv_in.bias"):
        open_pipeline(copy, PLAIN)
