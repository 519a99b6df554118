"""Stable Diffusion 1.x, 2.x and XL, with weights from elsewhere."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from studio.api import Image, ImportOptions, Signature
from studio.kit.sampler import Sampler
from studio.kit.solvers import Level, Solver

from .on_timetable import OnTimetable
from .pipeline_folder import Pipeline, read_pipeline
from .pipeline_parts import Parts, latent_shape
from .pipeline_sampling import Denoise, Paint, Vary
from .text_reader import TextReader


def open_pipeline(folder: Path, options: ImportOptions) -> "StableDiffusion":
    """The pipeline in a folder, with weights in float32, or with graphs that the engine has looked at.

    Raises:
        StudioError: another pipeline or part, or something is missing or damaged.
    """
    pipeline = read_pipeline(folder)
    if pipeline.graphs:
        from .graph_parts import open_graphs

        return StableDiffusion(pipeline, open_graphs(pipeline)).eval()
    from .weight_parts import load_weights

    return StableDiffusion(pipeline, load_weights(pipeline)).eval()


class StableDiffusion(OnTimetable):
    """A pipeline's parts under our solvers, on the pipeline's own noise levels and timesteps.

    Source: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021,
    https://arxiv.org/abs/2112.10752; Podell et al., SDXL, 2023, https://arxiv.org/abs/2307.01952
    """

    def __init__(self, pipeline: Pipeline, parts: Parts) -> None:
        text = TextReader(pipeline, parts.text)
        space = Image(height=pipeline.side, width=pipeline.side)
        super().__init__(Signature(space=space, words=text.words), pipeline.timetable)
        self.pipeline = pipeline
        self.words = text.words
        self.solver = cast("Solver", pipeline.timetable.solver)
        self.guidance = 5.0 if pipeline.large else 7.5
        self.text, self.denoiser, self.encoder, self.decoder = text, parts.denoiser, parts.encoder, parts.decoder
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
        return latent_shape(self.pipeline)

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
        whole = list[Tensor]()
        if self.pipeline.large:
            whole = [condition[:, -1, : self.text.pooled_width], self.sizes.expand(x.shape[0], -1)]
            condition = condition[:, :-1]
        return self.unmixed(self.denoiser(x, level.time, condition, *whole)[0], x, level)

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean latents."""
        mean = self.encoder(x)[0][:, : self.latent_shape[0]]
        return (mean - self.shift) * self.scale

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures of latents."""
        return self.decoder(latents / self.scale + self.shift)[0].clamp(-1, 1)

    def samplers(self) -> Mapping[str, Sampler]:
        return {**super().samplers(), "sample": Paint(self), "image_to_image": Vary(self), "denoise": Denoise(self)}
