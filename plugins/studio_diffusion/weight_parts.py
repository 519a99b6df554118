"""The networks of a pipeline with their weights, as diffusers and transformers build them."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.api import StudioError
from studio.api.weights import weight_files
from studio.kit.called_network import TracedOnce

from .pipeline_folder import STEMS, Pipeline
from .pipeline_parts import Parts, latent_shape, picture_shape, text_config

FLOAT = torch.float32


def load_weights(pipeline: Pipeline) -> Parts:
    """The networks with weights in float32.

    Raises:
        StudioError: a part is damaged, or weights are missing.
    """
    latents, vae = latent_shape(pipeline), _load(pipeline.folder, "vae")
    unet = {"sample": FLOAT, "timestep": FLOAT, "encoder_hidden_states": FLOAT}
    unet |= {"text_embeds": FLOAT, "time_ids": FLOAT} if pipeline.large else {}
    moments = {"latent_parameters": (2 * latents[0], *latents[1:])}
    return Parts(
        text=[_text(pipeline, part) for part in pipeline.encoders],
        denoiser=TracedOnce("unet", _Denoiser(_load(pipeline.folder, "unet")), unet, {"out_sample": latents}),
        encoder=TracedOnce("vae_encoder", _Encoder(vae), {"sample": FLOAT}, moments),
        decoder=TracedOnce("vae_decoder", _Decoder(vae), {"latent_sample": FLOAT}, {"sample": picture_shape(pipeline)}),
    )


def _text(pipeline: Pipeline, part: str) -> TracedOnce:
    config, pooled = text_config(pipeline, part), part == "text_encoder_2"
    given = {"told": (config["max_position_embeddings"], config["hidden_size"])}
    given |= {"whole": (config["projection_dim"],)} if pooled else {}
    encoder = _load(pipeline.folder, part)
    network = _Inner(encoder, pooled) if pipeline.large else _Last(encoder)
    return TracedOnce(part, network, {"input_ids": torch.int64}, given)


class _Around(nn.Module):
    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner: Any = inner


class _Last(_Around):
    """Of 1.x and 2.x: the last layer."""

    def forward(self, words: Tensor) -> tuple[Tensor]:
        return (self.inner(words).last_hidden_state,)


class _Inner(_Around):
    """Of XL: the last layer but one, and the second's vector for the whole text."""

    def __init__(self, inner: nn.Module, pooled: bool) -> None:
        super().__init__(inner)
        self.pooled = pooled

    def forward(self, words: Tensor) -> tuple[Tensor, ...]:
        found = self.inner(words, output_hidden_states=True)
        return (found.hidden_states[-2], found.text_embeds) if self.pooled else (found.hidden_states[-2],)


class _Denoiser(_Around):
    def forward(self, x: Tensor, time: Tensor, condition: Tensor, *whole: Tensor) -> tuple[Tensor]:
        further = {"added_cond_kwargs": dict(zip(("text_embeds", "time_ids"), whole, strict=True))} if whole else {}
        return self.inner(x, time, encoder_hidden_states=condition, return_dict=False, **further)


class _Encoder(_Around):
    def forward(self, x: Tensor) -> tuple[Tensor]:
        return (self.inner.encode(x, return_dict=False)[0].parameters,)


class _Decoder(_Around):
    def forward(self, latents: Tensor) -> tuple[Tensor]:
        return self.inner.decode(latents, return_dict=False)


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
