"""GPT: a decoder-only transformer trained to predict the next token."""

from collections.abc import Mapping

from torch import nn

from studio.api import Signature, Tokens
from studio.kit.autoregressive import Autoregressive
from studio.kit.generator import require
from studio.kit.networks.decoder_transformer import DecoderTransformer

from .cards.gpt import GPTParams


class GPT(Autoregressive):
    """A decoder-only transformer on characters, bytes or byte pairs.

    Source: Radford et al., Language Models are Unsupervised Multitask Learners, 2019; trained as nanoGPT,
    https://github.com/karpathy/nanoGPT
    """

    def __init__(self, signature: Signature, params: GPTParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Tokens)

        def build(vocab_size: int, starts: int, context: int) -> DecoderTransformer:
            return DecoderTransformer(vocab_size, context, params.width, params.layers, params.heads, params.dropout, starts)

        super().__init__(signature, params, inputs, build)
