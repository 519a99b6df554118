"""The networks of a pipeline: what each takes and gives, whether it is made of weights or of a graph."""

from dataclasses import dataclass

from studio.api.weights import read_config
from studio.kit.called_network import CalledNetwork

from .pipeline_folder import Pipeline

USUAL = {"hidden_size": 512, "projection_dim": 512, "vocab_size": 49408, "max_position_embeddings": 77}
"""What settings of CLIP leave out."""


@dataclass(frozen=True)
class Parts:
    """The networks.

    Attributes:
        text: symbols (n, t) -> (n, t, width), and of XL's second one for the whole text (n, pooled width) too.
        denoiser: latents, a time (1,), what the text encoders gave; of XL what they gave for the whole text, and sizes (n, 6).
        encoder: pictures -> means, which may be followed by logarithms of variances, (n, channels or more, h, w).
        decoder: latents -> pictures.
    """

    text: list[CalledNetwork]
    denoiser: CalledNetwork
    encoder: CalledNetwork
    decoder: CalledNetwork


def text_config(pipeline: Pipeline, part: str) -> dict[str, int]:
    """The sizes of a text encoder."""
    config = USUAL | read_config(pipeline.folder / part / "config.json")
    return {name: int(config[name]) for name in USUAL}


def latent_shape(pipeline: Pipeline) -> tuple[int, int, int]:
    """(channels, height, width)"""
    size = int(pipeline.unet["sample_size"])
    return int(pipeline.vae["latent_channels"]), size, size


def picture_shape(pipeline: Pipeline) -> tuple[int, int, int]:
    """(3, height, width)"""
    return 3, pipeline.side, pipeline.side
