"""What diffusion models of latents that are told in words share, whether they were trained here or elsewhere."""

from collections.abc import Mapping

from torch import Tensor

from studio.api import Tokens
from studio.kit.latent_samplers import Decode, Encode
from studio.kit.sampler import Sampler

from .discrete_time import DiscreteTime
from .text_sampling import DenoiseLatents, EncodeText, RedoPart, TextToImage, Variation


class FromWords(DiscreteTime):
    """Base of a text encoder, a denoiser of latents and an autoencoder.

    Attributes:
        words: what prompts are written in.
    """

    words: Tokens

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """(channels, height, width)"""
        raise NotImplementedError

    @property
    def conditioning_shape(self) -> tuple[int, int]:
        """Of what the text encoder gives, without the batch: (places, width)."""
        raise NotImplementedError

    @property
    def silence(self) -> Tensor:
        """An empty prompt: symbols (words.length,)."""
        raise NotImplementedError

    @property
    def guided(self) -> bool:
        """By words, always."""
        return True

    @property
    def bounded(self) -> bool:
        """Latents have no bounds."""
        return False

    def label_ports(self) -> tuple[()]:
        """None: words say what is wanted."""
        return ()

    def read(self, words: Tensor) -> Tensor:
        """What the text encoder makes of words (n, words.length): (n, *conditioning_shape)."""
        raise NotImplementedError

    def read_negative(self, words: Tensor) -> Tensor:
        """The same of what a picture should keep away from."""
        return self.read(words)

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Latents (n, *latent_shape) of about unit variance."""
        raise NotImplementedError

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures of latents."""
        raise NotImplementedError

    def samplers(self) -> Mapping[str, Sampler]:
        return {
            "sample": TextToImage(self), "image_to_image": Variation(self), "inpaint": RedoPart(self),
            "encode_text": EncodeText(self), "encode": Encode(self), "denoise": DenoiseLatents(self), "decode": Decode(self),
        }  # fmt: skip
