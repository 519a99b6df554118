"""Pipelines of diffusers as folders of graphs, with the names that Optimum gives, made by torch alone."""

import warnings
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

OPSET = 14


class _Denoiser(nn.Module):
    def __init__(self, unet: Any) -> None:
        super().__init__()
        self.unet = unet

    def forward(self, sample: Tensor, timestep: Tensor, encoder_hidden_states: Tensor) -> Tensor:
        return self.unet(sample, timestep, encoder_hidden_states, return_dict=False)[0]


class _Text(nn.Module):
    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
        told = self.encoder(input_ids)
        return told.last_hidden_state, told.pooler_output


class _Moments(nn.Module):
    def __init__(self, vae: Any) -> None:
        super().__init__()
        self.vae = vae

    def forward(self, sample: Tensor) -> Tensor:
        return self.vae.encode(sample).latent_dist.parameters


class _Drawn(_Moments):
    def forward(self, sample: Tensor) -> Tensor:
        mean, spread = super().forward(sample).chunk(2, 1)
        return mean + (0.5 * spread).exp() * torch.randn_like(mean)


class _Painter(_Moments):
    def forward(self, latent_sample: Tensor) -> Tensor:
        return self.vae.decode(latent_sample, return_dict=False)[0]


def export_as_optimum(pipeline: Any, folder: Path, *, drawn: bool = False, outside: bool = False, opset: int = OPSET) -> Path:
    """The folder of a pipeline, (n, ...) with any n.

    Args:
        drawn: the encoder of pictures gives a sample, as Optimum's did of old.
        outside: the denoiser's weights lie in a file beside it, as they must from 2 GB on.
    """
    pipeline.save_config(folder)
    pipeline.tokenizer.save_pretrained(folder / "tokenizer")
    pipeline.scheduler.save_pretrained(folder / "scheduler")
    latents, pictures = torch.zeros(2, 4, 8, 8), torch.zeros(2, 3, 16, 16)
    told = torch.zeros(2, 16, pipeline.unet.config.cross_attention_dim)
    unet = {"sample": latents, "timestep": torch.tensor([1]), "encoder_hidden_states": told}
    encoder, encoded = (_Drawn, "latent_sample") if drawn else (_Moments, "latent_parameters")
    text, vae = pipeline.text_encoder, pipeline.vae
    parts = {
        "unet": (_Denoiser(pipeline.unet), unet, ["out_sample"], pipeline.unet),
        "text_encoder": (_Text(text), {"input_ids": torch.zeros(2, 16).int()}, ["last_hidden_state", "pooler_output"], text),
        "vae_decoder": (_Painter(vae), {"latent_sample": latents}, ["sample"], vae),
        "vae_encoder": (encoder(vae), {"sample": pictures}, [encoded], vae),
    }
    for name, (network, inputs, outputs, whole) in parts.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        _export(network, inputs, outputs, folder / name / "model.onnx", opset)
        _keep_config(whole, folder / name)
    if outside:
        _move_out(folder / "unet" / "model.onnx")
    return folder


def _export(network: nn.Module, inputs: dict[str, Tensor], outputs: list[str], file: Path, opset: int) -> None:
    axes = {name: {0: "batch"} for name in (*inputs, *outputs) if name != "timestep"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network.eval(), tuple(inputs.values()), str(file), dynamo=False, opset_version=opset, dynamic_axes=axes,
            input_names=list(inputs), output_names=outputs,
        )  # fmt: skip


def _keep_config(network: Any, folder: Path) -> None:
    (network.save_config if hasattr(network, "save_config") else network.config.save_pretrained)(folder)


def _move_out(file: Path) -> None:
    import onnx

    model = onnx.load(file)
    onnx.save(model, file, save_as_external_data=True, all_tensors_to_one_file=True, location="model.onnx_data")
