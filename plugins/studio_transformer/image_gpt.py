"""ImageGPT: a transformer that reads pictures as it would read a text, pixel by pixel."""

from collections.abc import Mapping

from torch import Tensor, nn

from studio.api import Image, Signature
from studio.kit.autoregressive import Autoregressive
from studio.kit.generator import require
from studio.kit.networks.decoder_transformer import DecoderTransformer

from .cards.image_gpt import ImageGPTParams


class ImageGPT(Autoregressive):
    """A decoder-only transformer on pixels in raster order: on levels of grey, or on a palette fitted to the colours.

    A picture begins with the token of its class, which the paper's model does not have.

    Source: Chen et al., Generative Pretraining from Pixels, 2020, https://proceedings.mlr.press/v119/chen20s.html
    """

    network: DecoderTransformer

    def __init__(self, signature: Signature, params: ImageGPTParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Image)

        def build(vocab_size: int, starts: int, context: int) -> DecoderTransformer:
            return DecoderTransformer(vocab_size, context, params.width, params.layers, params.heads, params.dropout, starts)

        super().__init__(signature, params, inputs, build)

    def features(self, x: Tensor, layers: int, labels: Tensor) -> Tensor:
        """What the first so many blocks know of pictures (n, *space.shape) of classes (n,): the mean over places, (n, width).

        The accuracy of a linear classifier of them is the paper's "linear probe", where the class is "any".
        """
        return self.network.norm(self.network.features(self.sequences(x, labels), layers)).mean(1)
