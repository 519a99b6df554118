"""Stable Diffusion 1.x, 2.x and XL, with weights from elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, ImportOptions, Signature, StudioError, Tokens
from studio.api.weights import weight_files
from studio.kit.pretrained_tokenizer import END, named_token, read_tokenizer, symbol_of, words_of
from studio.kit.sampler import Sampler
from studio.kit.schedules import alphas_cumprod, rescale_zero_terminal_snr
from studio.kit.solvers import DDIM, DPMPP_2M, Level, Solver

from .from_words import FromWords
from .pipeline_folder import STEMS, Pipeline, Timetable, read_pipeline
from .pipeline_sampling import Denoise, Paint, Vary

LEAST = 2.0**-24


def open_pipeline(folder: Path, options: ImportOptions) -> "StableDiffusion":
    """The pipeline in a folder, with its weights in float32.

    Raises:
        StudioError: another pipeline or part, or something is missing or damaged.
    """
    pipeline = read_pipeline(folder)
    return StableDiffusion(pipeline, TextReader(pipeline), _load(folder, "unet"), _load(folder, "vae")).eval()


def _load(folder: Path, part: str) -> nn.Module:
    """One part by its own class: nothing that the folder names is imported, and only safetensors are read."""
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers import CLIPTextModel, CLIPTextModelWithProjection

    classes: dict[str, Any] = {
        "unet": UNet2DConditionModel, "vae": AutoencoderKL,
        "text_encoder": CLIPTextModel, "text_encoder_2": CLIPTextModelWithProjection,
    }  # fmt: skip
    half = ".fp16" in weight_files(folder / part, STEMS[part])[0].name
    dtype = "torch_dtype" if part in ("unet", "vae") else "dtype"
    chosen: dict[str, Any] = {"use_safetensors": True, "local_files_only": True, dtype: torch.float32}
    chosen |= {"variant": "fp16"} if half else {}
    chosen |= {"low_cpu_mem_usage": False} if part in ("unet", "vae") else {}
    try:
        model, told = classes[part].from_pretrained(folder / part, output_loading_info=True, **chosen)
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise StudioError(f"The part '{part}' cannot be loaded: {str(error).strip().splitlines()[0]}") from error
    if missing := sorted(told["missing_keys"]):
        raise StudioError(f"The part '{part}' is not complete: {len(missing)} weights are missing, the first is '{missing[0]}'.")
    return model


class TextReader(nn.Module):
    """CLIP's text encoder, or the two of XL; rows of symbols -> what the denoiser looks at, for XL with a row for the whole text.

    Attributes:
        words: what prompts are written in.
        width: size of a word's vector.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        super().__init__()
        self.large = pipeline.large
        self.encoders = nn.ModuleList(_load(pipeline.folder, part) for part in pipeline.encoders)
        self.words, self.paddings = self._rules(pipeline)
        self.width = sum(self._config(k).hidden_size for k in range(len(self.encoders)))
        self.pooled_width = int(self._config(-1).projection_dim) if self.large else 0

    def _config(self, k: int) -> Any:
        return self.encoders[k].config

    def _rules(self, pipeline: Pipeline) -> tuple[Tokens, list[int]]:
        folders = [pipeline.folder / part.replace("text_encoder", "tokenizer") for part in pipeline.encoders]
        readers = [read_tokenizer(folder) for folder in folders]
        paddings = [named_token(folder, "pad_token") or END for folder in folders]
        if any(reader.get_vocab() != readers[0].get_vocab() for reader in readers):
            raise StudioError("Its two text encoders read different symbols, which is not known here.")
        symbols = [symbol_of(reader, padding) for reader, padding in zip(readers, paddings, strict=True)]
        self.end = symbol_of(readers[0], END)
        config = self._config(0)
        return words_of(readers[0], config.vocab_size, config.max_position_embeddings, paddings[0]), symbols

    def forward(self, words: Tensor) -> Tensor:
        """(n, t) -> (n, t, width), for XL (n, t + 1, width)."""
        if not self.large:
            return self.encoders[0](words).last_hidden_state
        first, second = (
            encoder(self._refilled(words, padding), output_hidden_states=True)
            for encoder, padding in zip(self.encoders, self.paddings, strict=True)
        )
        told = torch.cat([first.hidden_states[-2], second.hidden_states[-2]], dim=2)
        whole = F.pad(second.text_embeds, (0, self.width - self.pooled_width))
        return torch.cat([told, whole[:, None]], dim=1)

    def _refilled(self, words: Tensor, padding: int) -> Tensor:
        """The same text, filled up with another symbol after its end."""
        ends = (words == self.end).long()
        return torch.where(ends.cumsum(1) - ends > 0, padding, words)


class StableDiffusion(FromWords):
    """A pipeline's parts under our solvers, on the pipeline's own noise levels and timesteps.

    Source: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021,
    https://arxiv.org/abs/2112.10752; Podell et al., SDXL, 2023, https://arxiv.org/abs/2307.01952
    """

    def __init__(self, pipeline: Pipeline, text: TextReader, denoiser: nn.Module, autoencoder: nn.Module) -> None:
        self.timetable = pipeline.timetable
        space = Image(height=pipeline.side, width=pipeline.side)
        bar = noise_levels(pipeline.timetable)
        super().__init__(Signature(space=space, words=text.words), None, None, pipeline.timetable, bar)
        self.pipeline = pipeline
        self.words = text.words
        self.solver = cast("Solver", pipeline.timetable.solver)
        self.guidance = 5.0 if pipeline.large else 7.5
        self.text, self.denoiser, self.autoencoder = text, denoiser, autoencoder
        self.scale = float(pipeline.vae.get("scaling_factor") or 1.0)
        self.shift = float(pipeline.vae.get("shift_factor") or 0.0)
        side = float(pipeline.side)
        self.register_buffer("sizes", torch.tensor([side, side, 0.0, 0.0, side, side]), persistent=False)
        self.register_buffer("nothing", self._nothing(), persistent=False)
        self.sizes: Tensor
        self.nothing: Tensor

    def _nothing(self) -> Tensor:
        from tokenizers import Tokenizer

        return torch.tensor(Tokenizer.from_str(self.words.tokenizer).encode("").ids)

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """(channels, height, width)"""
        size = int(self.pipeline.unet["sample_size"])
        return (int(self.pipeline.vae["latent_channels"]), size, size)

    @property
    def conditioning_shape(self) -> tuple[int, int]:
        """(places of the text, and one for the whole of it where there are two encoders; width)"""
        return self.words.length + self.pipeline.large, self.text.width

    @property
    def silence(self) -> Tensor:
        """Start, end and padding."""
        return self.nothing

    def read(self, words: Tensor) -> Tensor:
        """What the text encoders make of symbols (n, t)."""
        return self.text(words)

    def read_negative(self, words: Tensor) -> Tensor:
        """The same; nothing to keep away from is a zero where the pipeline was trained so."""
        told = self.text(words)
        if not self.pipeline.silent_zeros:
            return told
        silent = (words == self.nothing).all(1)
        return torch.where(silent[:, None, None], 0.0, told)

    def clean(self, x: Tensor, level: Level, condition: Tensor | None) -> Tensor:
        """As in the base, of latents; the condition is what `read` gives."""
        assert condition is not None
        n = x.shape[0]
        further = {}
        if self.pipeline.large:
            whole = {"text_embeds": condition[:, -1, : self.text.pooled_width], "time_ids": self.sizes.expand(n, -1)}
            condition, further = condition[:, :-1], {"added_cond_kwargs": whole}
        output = self.denoiser(x, level.time.expand(n), encoder_hidden_states=condition, return_dict=False, **further)[0]
        return self.unmixed(output, x, level)

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean latents."""
        mean = self.autoencoder.encode(x, return_dict=False)[0].mode()  # pyright: ignore[reportCallIssue]
        return (mean - self.shift) * self.scale

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures of latents."""
        picture = self.autoencoder.decode(latents / self.scale + self.shift, return_dict=False)[0]  # pyright: ignore[reportCallIssue]
        return picture.clamp(-1, 1)

    def level(self, k: Tensor, intervals: Tensor, strength: Tensor | float = 1.0) -> Level:
        """As in the base, for DDIM."""
        return self.level_for(k, intervals, torch.full_like(k, DDIM), strength)

    def level_for(self, k: Tensor, intervals: Tensor, solver: Tensor, strength: Tensor | float) -> Level:
        """The level that diffusers' scheduler of the same name visits, with whole timesteps."""
        timetable = self.timetable
        extra = (solver == DPMPP_2M).long()
        t = visited(timetable, k, intervals, extra, self.timesteps * strength).clamp(0, self.timesteps - 1).long().reshape(1)
        noisy, whole = k < intervals, torch.ones_like(self.alphas[:1])
        stays = (solver == DDIM) & (not timetable.final_clean)
        last, least = torch.where(stays, self.alphas[:1], whole), torch.where(stays, self.sigmas[:1], 0.0)
        alpha = torch.where(noisy, self.alphas.index_select(0, t), last)
        return Level(alpha, torch.where(noisy, self.sigmas.index_select(0, t), least), t.float())

    def samplers(self) -> Mapping[str, Sampler]:
        return {**super().samplers(), "sample": Paint(self), "image_to_image": Vary(self), "denoise": Denoise(self)}


def visited(timetable: Timetable, k: Tensor, intervals: Tensor, extra: Tensor, timesteps: Tensor | float) -> Tensor:
    """The timestep of level `k`, float.

    Args:
        extra: intervals that the scheduler adds before it leaves the last one out.
        timesteps: how many there are, or the part of them that is gone through.

    Source: Lin et al., Common Diffusion Noise Schedules and Sample Steps are Flawed, 2023, table 2,
    https://arxiv.org/abs/2305.08891
    """
    place, count = intervals - 1 - k + extra, intervals + extra
    match timetable.spacing:
        case "leading":
            return place * torch.floor(timesteps / count) + timetable.offset
        case "trailing":
            return torch.round(timesteps - k * (timesteps / intervals)) - 1
        case "linspace":
            return torch.round(place * ((timesteps - 1) / (count - 1).clamp(min=1)))


def noise_levels(timetable: Timetable) -> Tensor:
    """Alpha-bar at each timestep, float64 (timesteps,)."""
    start, end, timesteps = timetable.beta_start, timetable.beta_end, timetable.timesteps
    if timetable.trained_betas:
        bar = torch.cumprod(1 - torch.tensor(timetable.trained_betas, dtype=torch.float64), dim=0)
    elif timetable.beta_schedule == "squaredcos_cap_v2":
        bar = alphas_cumprod("cosine", timesteps)
    elif timetable.beta_schedule == "scaled_linear":
        bar = torch.cumprod(1 - torch.linspace(start**0.5, end**0.5, timesteps, dtype=torch.float64) ** 2, dim=0)
    else:
        bar = torch.cumprod(1 - torch.linspace(start, end, timesteps, dtype=torch.float64), dim=0)
    return rescale_zero_terminal_snr(bar).clamp(min=LEAST) if timetable.zero_terminal_snr else bar
