"""A language model that was trained elsewhere: GPT-2, LLaMA and what is built like them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.api import ImportOptions, Signature, StudioError
from studio.api.space import Space
from studio.api.weights import read_config, weight_files
from studio.kit.autoregressive import TextLogProb
from studio.kit.completion import Completion
from studio.kit.decoder import Decoder
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.networks.decoder_transformer import DecoderTransformer
from studio.kit.pretrained_tokenizer import language_of, read_tokenizer
from studio.kit.sampler import Carry, Given, Sampler

from .language_model_folder import Shape, context_of, rope_of, shape_of
from .llama import LlamaDecoder

GPT2_NAMES = {
    "wte": "tokens", "wpe": "positions", "ln_f": "norm", "h": "blocks", "ln_1": "norm1", "ln_2": "norm2", "attn": "attention",
    "c_attn": "qkv", "attention.c_proj": "attention.out", "mlp.c_fc": "up", "mlp.c_proj": "down",
}  # fmt: skip
LLAMA_NAMES = {
    "model.embed_tokens": "tokens", "model.layers": "blocks", "model.norm": "norm", "lm_head": "head",
    "input_layernorm": "norm1", "post_attention_layernorm": "norm2", "self_attn.q_proj": "queries", "self_attn.k_proj": "keys",
    "self_attn.v_proj": "values", "self_attn.o_proj": "out", "mlp.gate_proj": "gate", "mlp.up_proj": "up",
    "mlp.down_proj": "down",
}  # fmt: skip
MASKS = (".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq")
"""What older versions keep beside the weights, and can be computed."""


def open_language_model(folder: Path, options: ImportOptions) -> "LanguageModel":
    """The model in a folder, with its weights in float32.

    Raises:
        StudioError: another architecture, or something is missing, damaged or of the wrong shape.
    """
    config = read_config(folder / "config.json")
    shape = shape_of(config)
    context = context_of(shape, options)
    space = language_of(read_tokenizer(folder), shape.vocab_size, context)
    decoder = _decoder(shape, context, config)
    with torch.no_grad():
        fill(decoder, read_weights(folder, shape.kind == "gpt2"), shape.tied)
    return LanguageModel(Signature(space=space), decoder.eval(), ends_of(folder, config))


def _decoder(shape: Shape, context: int, config: Mapping[str, Any]) -> Decoder:
    if shape.kind == "gpt2":
        return DecoderTransformer(shape.vocab_size, context, shape.width, shape.layers, shape.heads, bias=True)
    return LlamaDecoder(shape, context, rope_of(config))


def read_weights(folder: Path, gpt2: bool) -> Iterator[tuple[str, Tensor]]:
    """Name in our decoders and tensor of each weight, one at a time."""
    from safetensors import safe_open

    for file in weight_files(folder, "model"):
        with safe_open(file, "pt") as opened:
            for name in opened.keys():  # noqa: SIM118 - it is no mapping
                if not name.endswith(MASKS):
                    tensor = opened.get_tensor(name)
                    yield renamed(name, gpt2), tensor.T if gpt2 and _lies_on_its_side(name) else tensor


def _lies_on_its_side(name: str) -> bool:
    """GPT-2 multiplies by its matrices from the right."""
    return name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))


def renamed(name: str, gpt2: bool) -> str:
    """A weight's name in our decoders.

    Example:
        >>> renamed("transformer.h.3.attn.c_proj.bias", True), renamed("model.layers.0.mlp.up_proj.weight", False)
        ('blocks.3.attention.out.bias', 'blocks.0.up.weight')
    """
    dotted = f".{name.removeprefix('transformer.') if gpt2 else name}"
    for theirs, ours in (GPT2_NAMES if gpt2 else LLAMA_NAMES).items():
        dotted = dotted.replace(f".{theirs}.", f".{ours}.")
    return dotted[1:]


def fill(decoder: nn.Module, weights: Iterator[tuple[str, Tensor]], tied: bool) -> None:
    """Copy weights into a decoder; of learned positions the first ones.

    Raises:
        StudioError: a weight is missing, unknown, or of another shape.
    """
    missing = dict(decoder.named_parameters())
    for name, tensor in weights:
        place = missing.pop(name, None)
        if place is None and tied and name in ("head.weight", "lm_head.weight"):
            continue
        given = tensor[: len(place)] if place is not None and name == "positions.weight" else tensor
        if place is None or place.shape != given.shape:
            wanted = "which the architecture does not have" if place is None else f"not {tuple(place.shape)}"
            raise StudioError(f"The weight '{name}' of shape {tuple(tensor.shape)} does not fit: {wanted}.")
        place.copy_(given)
    if missing:
        raise StudioError(f"The weights are not complete: {len(missing)} are missing, the first is '{next(iter(missing))}'.")


def ends_of(folder: Path, config: Mapping[str, Any]) -> tuple[int, ...]:
    """The tokens that end a text."""
    file = folder / "generation_config.json"
    settings = read_config(file) if file.is_file() else {}
    found = settings.get("eos_token_id", config.get("eos_token_id"))
    return tuple(found) if isinstance(found, list) else () if found is None else (int(found),)


class LanguageModel(Generator):
    """A decoder with its tokenizer, ready to write.

    Args:
        ends: the tokens that end a text.
    """

    def __init__(self, signature: Signature, decoder: Decoder, ends: tuple[int, ...]) -> None:
        super().__init__(signature, None)
        self.decoder = decoder
        self.ends = ends

    def stages(self) -> tuple[()]:
        """None: it is trained already."""
        return ()

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Writing(self.decoder, self.space, self.ends)}

    def scores(self) -> Mapping[str, Score]:
        port = sample_port(self.space).model_copy(update={"longest": self.decoder.context})
        return {"log_prob": TextLogProb(self.decoder, port)}


class Writing(Completion):
    """Continues a prompt until the text is at its end; what comes after that is not written (-1)."""

    def __init__(self, decoder: Decoder, space: Space, ends: tuple[int, ...]) -> None:
        super().__init__(decoder, space)
        self.ends = ends

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        position = carry["position"]
        last = carry["tokens"].index_select(1, (position - 1).reshape(1))
        over = last < 0
        for end in self.ends:
            over = over | (last == end)
        following = super().step(carry, i, noise, given)
        here = torch.arange(self.decoder.context, device=last.device) == position
        return {**following, "tokens": torch.where(here & over & (i > 0), -1, following["tokens"])}
