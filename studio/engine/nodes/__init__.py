"""The built-in nodes, offered by the same door as a stranger's."""

from collections.abc import Sequence

from studio.api.hooks import hookimpl
from studio.api.node import Node


@hookimpl
def studio_nodes() -> Sequence[Node]:
    """The built-in nodes."""
    from studio.engine.nodes.compare import compare
    from studio.engine.nodes.data import data
    from studio.engine.nodes.decode import decode
    from studio.engine.nodes.denoise import denoise
    from studio.engine.nodes.encode import encode
    from studio.engine.nodes.encode_text import encode_text
    from studio.engine.nodes.expand_prompt import expand_prompt
    from studio.engine.nodes.grid import grid
    from studio.engine.nodes.interpolate import interpolate
    from studio.engine.nodes.label import label
    from studio.engine.nodes.mask import mask
    from studio.engine.nodes.model import model
    from studio.engine.nodes.noise import noise
    from studio.engine.nodes.picture import picture
    from studio.engine.nodes.prompt import prompt
    from studio.engine.nodes.sample import sample
    from studio.engine.nodes.save_image import save_image
    from studio.engine.nodes.text_view import text_view

    inputs = (model, noise, label, prompt, expand_prompt, data, picture, mask)
    return (*inputs, sample, encode_text, denoise, encode, decode, interpolate, grid, compare, save_image, text_view)
