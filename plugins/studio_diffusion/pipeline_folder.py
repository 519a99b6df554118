"""A folder with a Stable Diffusion pipeline in the layout of Hugging Face diffusers, looked at without loading it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.api import ImportOptions, Outline, StudioError
from studio.api.frozen import Frozen
from studio.api.weights import count_by_type, read_config, read_heads

from .timetable import Timetable, timetable_of

PIPELINES = {"StableDiffusionPipeline": ("text_encoder",), "StableDiffusionXLPipeline": ("text_encoder", "text_encoder_2")}
PARTS = {
    "unet": ("UNet2DConditionModel",), "vae": ("AutoencoderKL",), "text_encoder": ("CLIPTextModel",),
    "text_encoder_2": ("CLIPTextModelWithProjection",), "tokenizer": ("CLIPTokenizer", "CLIPTokenizerFast"),
    "tokenizer_2": ("CLIPTokenizer", "CLIPTokenizerFast"),
}  # fmt: skip
STEMS = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model", "text_encoder": "model", "text_encoder_2": "model"}
GRAPH = "model.onnx"
GRAPHS = ("unet", "vae_decoder", "vae_encoder", "text_encoder")
"""The networks of a pipeline that Optimum exported; those of XL are not among them."""
WHY_NOT = {
    "StableDiffusion3Pipeline": "its denoiser is a transformer of two streams, and one of its text encoders is a T5",
    "FluxPipeline": "its denoiser is a transformer of two streams, and one of its text encoders is a T5",
    "StableDiffusionInpaintPipeline": "its denoiser needs a mask; any other Stable Diffusion can inpaint here",
    "StableDiffusionXLImg2ImgPipeline": "it is a refiner, which only finishes pictures; open the base model",
}


class Pipeline(Frozen):
    """What the texts of a folder say.

    Attributes:
        encoders: the folders of the text encoders.
        silent_zeros: whether nothing to keep away from is a zero, and not what the text encoder makes of no words.
        graphs: whether its networks are graphs and no weights.
    """

    folder: Path
    architecture: str
    encoders: tuple[str, ...]
    unet: dict[str, Any]
    vae: dict[str, Any]
    timetable: Timetable
    silent_zeros: bool = False
    graphs: bool = False

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
    return Outline(
        importer="diffusers", architecture=pipeline.architecture, title=folder.name,
        weights=_counts_of_graphs(folder) if pipeline.graphs else _counts(pipeline),
        activations=activations(pipeline), details={"side": pipeline.side, "prediction": pipeline.timetable.prediction},
    )  # fmt: skip


def _counts(pipeline: Pipeline) -> dict[str, int]:
    counts = dict[str, int]()
    for part in (*pipeline.encoders, "unet", "vae"):
        for dtype, count in count_by_type(read_heads(pipeline.folder / part, STEMS[part])).items():
            counts[dtype] = counts.get(dtype, 0) + count
    return counts


def _counts_of_graphs(folder: Path) -> dict[str, int]:
    """About: as many as there are in files of this size."""
    files = [file for part in GRAPHS for file in (folder / part).iterdir() if file.suffix != ".json"]
    return {"F32": sum(file.stat().st_size for file in files) // 4}


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
    """The settings of all parts, checked; of 1.x and 2.x leading timesteps have an offset of one, as diffusers sees to.

    Raises:
        StudioError: a pipeline, a part or a variant that is not known here, or something is missing.
    """
    index = read_config(folder / "model_index.json")
    name = str(index.get("_class_name", "?")).removeprefix("ORT").removeprefix("Onnx")
    if name not in PIPELINES:
        why = WHY_NOT.get(name, "only these pipelines are known here, and code that comes with a model is never run")
        raise StudioError(f"{name} cannot be opened: {why}. What can be opened: {', '.join(PIPELINES)}.")
    encoders = PIPELINES[name]
    graphs = (folder / "unet" / GRAPH).is_file() and not any((folder / "unet").glob("*.safetensors"))
    if graphs:
        _check_graphs(folder, large=len(encoders) == 2)
    else:
        _check_parts(folder, index, encoders)
    unet, vae = (read_config(folder / part / "config.json") for part in ("unet", "vae_decoder" if graphs else "vae"))
    _check_variants(unet, vae, large=len(encoders) == 2)
    timetable = timetable_of(folder / "scheduler")
    return Pipeline(
        folder=folder, architecture=name, encoders=encoders, unet=unet, vae=vae, graphs=graphs,
        timetable=timetable if len(encoders) == 2 else timetable.model_copy(update={"offset": 1}),
        silent_zeros=len(encoders) == 2 and bool(index.get("force_zeros_for_empty_prompt", True)),
    )  # fmt: skip


def _check_graphs(folder: Path, large: bool) -> None:
    if large:
        raise StudioError(
            "Of pipelines that Optimum exported, those of Stable Diffusion 1.x and 2.x can be opened, and XL cannot: open the "
            "pipeline that it was exported from."
        )
    for part in (*GRAPHS, "tokenizer", "scheduler"):
        if not (folder / part / GRAPH).is_file() and (part in GRAPHS or not (folder / part).is_dir()):
            there = f"{part}/{GRAPH}" if part in GRAPHS else part
            raise StudioError(f"{folder} is not complete: '{there}' is missing. Fetch or export the whole model.")


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
