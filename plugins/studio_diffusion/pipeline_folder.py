"""A folder with a Stable Diffusion pipeline in the layout of Hugging Face diffusers, looked at without loading it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from studio.api import ImportOptions, Outline, StudioError
from studio.api.frozen import Frozen
from studio.api.weights import count_by_type, read_config, read_heads

PIPELINES = {"StableDiffusionPipeline": ("text_encoder",), "StableDiffusionXLPipeline": ("text_encoder", "text_encoder_2")}
PARTS = {
    "unet": ("UNet2DConditionModel",), "vae": ("AutoencoderKL",), "text_encoder": ("CLIPTextModel",),
    "text_encoder_2": ("CLIPTextModelWithProjection",), "tokenizer": ("CLIPTokenizer", "CLIPTokenizerFast"),
    "tokenizer_2": ("CLIPTokenizer", "CLIPTokenizerFast"),
}  # fmt: skip
STEMS = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model", "text_encoder": "model", "text_encoder_2": "model"}
WHY_NOT = {
    "StableDiffusion3Pipeline": "its denoiser is a transformer of two streams, and one of its text encoders is a T5",
    "FluxPipeline": "its denoiser is a transformer of two streams, and one of its text encoders is a T5",
    "StableDiffusionInpaintPipeline": "its denoiser needs a mask; any other Stable Diffusion can inpaint here",
    "StableDiffusionXLImg2ImgPipeline": "it is a refiner, which only finishes pictures; open the base model",
}
SOLVERS = {
    "DDIMScheduler": "ddim", "PNDMScheduler": "ddim", "DDPMScheduler": "ancestral", "EulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "ancestral", "HeunDiscreteScheduler": "heun", "DPMSolverMultistepScheduler": "dpmpp_2m",
}  # fmt: skip
LEADING = ("DDIMScheduler", "PNDMScheduler", "DDPMScheduler")
"""Whose timesteps lead each interval unless a folder says otherwise; the others' are spread from end to end."""


class Timetable(Frozen):
    """The noise levels that a pipeline was trained at, and those it visits.

    Attributes:
        final_clean: whether DDIM's last step leads to the clean sample, and not to the first noise level.
    """

    timesteps: int = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02
    beta_schedule: Literal["linear", "scaled_linear", "squaredcos_cap_v2"] = "linear"
    trained_betas: tuple[float, ...] = ()
    zero_terminal_snr: bool = False
    prediction: Literal["epsilon", "v"] = "epsilon"
    spacing: Literal["leading", "trailing", "linspace"] = "leading"
    offset: int = 0
    final_clean: bool = True
    solver: str = "ddim"
    schedule: Literal["linear", "cosine"] = "linear"


class Pipeline(Frozen):
    """What the texts of a folder say.

    Attributes:
        encoders: the folders of the text encoders.
        silent_zeros: whether nothing to keep away from is a zero, and not what the text encoder makes of no words.
    """

    folder: Path
    architecture: str
    encoders: tuple[str, ...]
    unet: dict[str, Any]
    vae: dict[str, Any]
    timetable: Timetable
    silent_zeros: bool = False

    @property
    def large(self) -> bool:
        """Whether it is of the XL kind: two text encoders, and a picture's size as a condition."""
        return len(self.encoders) == 2

    @property
    def side(self) -> int:
        """Pixels along each side of its pictures."""
        return int(self.unet["sample_size"]) * 2 ** (len(self.vae["block_out_channels"]) - 1)


def outline(folder: Path, options: ImportOptions) -> Outline:
    """What the pipeline is and needs.

    Raises:
        StudioError: another pipeline or part, or something is missing or damaged.
    """
    pipeline = read_pipeline(folder)
    counts = dict[str, int]()
    for part in (*pipeline.encoders, "unet", "vae"):
        for dtype, count in count_by_type(read_heads(folder / part, STEMS[part])).items():
            counts[dtype] = counts.get(dtype, 0) + count
    return Outline(
        importer="diffusers", architecture=pipeline.architecture, title=folder.name, weights=counts,
        activations=activations(pipeline), details={"side": pipeline.side, "prediction": pipeline.timetable.prediction},
    )  # fmt: skip


def activations(pipeline: Pipeline) -> int:
    """Bytes that one guided sample needs at its widest: attention between all places of the latents, or the decoder's end."""
    places = int(pipeline.unet["sample_size"]) ** 2
    first = next(k for k, kind in enumerate(pipeline.unet["down_block_types"]) if "CrossAttn" in kind)
    heads = pipeline.unet.get("num_attention_heads") or pipeline.unet["attention_head_dim"]
    count = heads[first] if isinstance(heads, list) else heads
    attention = 4 * 2 * count * (places // 4**first) ** 2
    decoding = 4 * 8 * pipeline.side**2 * int(pipeline.vae["block_out_channels"][0])
    return max(attention, decoding)


def read_pipeline(folder: Path) -> Pipeline:
    """The settings of all parts, checked.

    Raises:
        StudioError: a pipeline, a part or a variant that is not known here, or something is missing.
    """
    index = read_config(folder / "model_index.json")
    name = str(index.get("_class_name", "?"))
    if name not in PIPELINES:
        why = WHY_NOT.get(name, "only these pipelines are known here, and code that comes with a model is never run")
        raise StudioError(f"{name} cannot be opened: {why}. What can be opened: {', '.join(PIPELINES)}.")
    encoders = PIPELINES[name]
    _check_parts(folder, index, encoders)
    unet, vae = (read_config(folder / part / "config.json") for part in ("unet", "vae"))
    _check_variants(unet, vae, large=len(encoders) == 2)
    return Pipeline(
        folder=folder, architecture=name, encoders=encoders, unet=unet, vae=vae, timetable=timetable_of(folder / "scheduler"),
        silent_zeros=len(encoders) == 2 and bool(index.get("force_zeros_for_empty_prompt", True)),
    )  # fmt: skip


def _check_parts(folder: Path, index: Mapping[str, Any], encoders: tuple[str, ...]) -> None:
    for part in ("unet", "vae", *encoders, *(encoder.replace("text_encoder", "tokenizer") for encoder in encoders)):
        library, name = (index.get(part) or (None, None))[:2]
        if not (folder / part).is_dir():
            raise StudioError(f"{folder} is not complete: the folder '{part}' is missing. Fetch the whole model.")
        if name not in PARTS[part] or library not in ("diffusers", "transformers"):
            raise StudioError(f"Its part '{part}' is a {name}, which is not known here; it must be a {PARTS[part][0]}.")
    read_config(folder / "scheduler" / "scheduler_config.json")


def _check_variants(unet: Mapping[str, Any], vae: Mapping[str, Any], large: bool) -> None:
    reasons = {
        "a denoiser that takes more than latents": unet.get("in_channels") != vae.get("latent_channels"),
        "a denoiser of latents that are not square": not isinstance(unet.get("sample_size"), int),
        "a distilled denoiser that is told its guidance (LCM)": unet.get("time_cond_proj_dim") is not None,
        "a denoiser with a class as its condition": unet.get("class_embed_type") is not None,
        "a denoiser with unknown further conditions": unet.get("addition_embed_type") != ("text_time" if large else None),
        "a denoiser that looks at pictures": unet.get("encoder_hid_dim_type") is not None,
        "latents with a mean and deviation for each channel": vae.get("latents_mean") is not None,
    }
    for reason, found in reasons.items():
        if found:
            raise StudioError(f"This pipeline has {reason}, which is not known here.")


def timetable_of(folder: Path) -> Timetable:
    """What a scheduler's settings say.

    Raises:
        StudioError: a setting that is not known here.
    """
    config = read_config(folder / "scheduler_config.json")
    name = str(config.get("_class_name", ""))
    prediction = {"epsilon": "epsilon", "v_prediction": "v"}.get(config.get("prediction_type", "epsilon"))
    if prediction is None or name.startswith(("EDM", "LCM", "TCD", "FlowMatch")):
        raise StudioError(
            f"Its {name or 'scheduler'} predicts '{config.get('prediction_type', '?')}' in a way that is not known here; epsilon "
            "and v_prediction are."
        )
    given = {
        "timesteps": config.get("num_train_timesteps"), "beta_start": config.get("beta_start"),
        "beta_end": config.get("beta_end"), "beta_schedule": config.get("beta_schedule"),
        "trained_betas": config.get("trained_betas"), "zero_terminal_snr": config.get("rescale_betas_zero_snr"),
        "offset": config.get("steps_offset"),
        "final_clean": config.get("set_alpha_to_one"),
        "spacing": config.get("timestep_spacing") or ("leading" if name in LEADING else "linspace"),
        "solver": SOLVERS.get(name), "prediction": prediction,
    }  # fmt: skip
    try:
        return Timetable.model_validate({key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        raise StudioError(f"{folder / 'scheduler_config.json'} says what is not known here: {_first(error)}.") from error


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    return f"'{'.'.join(map(str, found['loc']))}' is {found['input']!r}"
