"""Pictures as codes, and a transformer that writes the codes: what VQ-VAE and VQGAN share."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Image, Port, Signature, Space
from studio.kit.autoregressive import token_log_probs
from studio.kit.completion import FromStart, FromUpperPart
from studio.kit.generator import Generator, Score, require, sample_port
from studio.kit.kl_coder import psnr
from studio.kit.latent_samplers import Decode, Encode
from studio.kit.networks.decoder_transformer import DecoderTransformer
from studio.kit.one_step import OneStep
from studio.kit.quantize import TokenizerModel
from studio.kit.sampler import Given, Sampler
from studio.kit.sequence import Tokenizer, start
from studio.kit.stage import Stage

from .cards.two_stages import TwoStageParams
from .code_tokenizer import CodeTokenizer, CodeVectors
from .prior import Prior


class TwoStages(Generator):
    """Base of the methods, which say how the tokenizer learns.

    Where a trained tokenizer is given, it is used as it is and only the prior learns.
    """

    def __init__(self, signature: Signature, params: TwoStageParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        require(signature.space, Image)
        if "tokenizer" not in self.inputs:
            self.coder = CodeTokenizer(cast(Image, signature.space), params)
        self.prior = DecoderTransformer(
            self.tokenizer.vocab_size, self.tokenizer.length + 1, params.prior_width, params.prior_layers, params.prior_heads,
            params.dropout, self.classes + 1,
        )  # fmt: skip

    @property
    def tokenizer(self) -> Tokenizer:
        """The one that was given, or the method's own."""
        given = self.inputs.get("tokenizer")
        return self.coder if given is None else cast(TokenizerModel, given).tokenizer

    def coding(self) -> Stage:
        """The stage in which the method's own tokenizer learns."""
        raise NotImplementedError

    def stages(self) -> Sequence[Stage]:
        params = cast(TwoStageParams, self.params)
        prior = Prior(self.prior, params, self.tokenizer, self.signature, 1 - params.tokenizer_share)
        return (prior,) if self.inputs else (self.coding(), prior)

    def samplers(self) -> Mapping[str, Sampler]:
        parts = (self.prior, self.tokenizer, self.space, self.label_ports(), self.classes)
        samplers: dict[str, Sampler] = {"sample": FromStart(*parts), "complete": FromUpperPart(*parts)}
        samplers["reconstruct"] = Reconstruct(self.tokenizer, self.space)
        if isinstance(self.tokenizer, CodeTokenizer):
            vectors = CodeVectors(self.tokenizer, cast(Image, self.space))
            samplers |= {"encode": Encode(vectors), "decode": Decode(vectors)}
        return samplers

    def scores(self) -> Mapping[str, Score]:
        return {
            "psnr": PeakSignalToNoise(self.tokenizer, sample_port(self.space)),
            "code_log_prob": CodeLogProb(self, (sample_port(self.space), *self.label_ports())),
        }


class Reconstruct(OneStep):
    """A picture as its codes show it."""

    def __init__(self, tokenizer: Tokenizer, space: Space) -> None:
        super().__init__(sample_port(space), (sample_port(space),))
        self.tokenizer = tokenizer

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.tokenizer.decode(self.tokenizer.encode(given["sample"]))


class PeakSignalToNoise(Score):
    """How exactly a picture is reconstructed, in dB."""

    unit = "dB"

    def __init__(self, tokenizer: Tokenizer, port: Port) -> None:
        self.tokenizer = tokenizer
        self.inputs = (port,)

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        again = self.tokenizer.decode(self.tokenizer.encode(sample))
        return psnr((again - sample).square().flatten(1).mean(1))


class CodeLogProb(Score):
    """Log-probability in nats of a picture's codes given its class."""

    def __init__(self, model: TwoStages, ports: tuple[Port, ...]) -> None:
        self.model = model
        self.inputs = ports

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        any_class = torch.full((sample.shape[0],), self.model.classes, device=sample.device)
        begin = start(self.model.prior.vocab_size, given.get("label", any_class))
        return token_log_probs(self.model.prior, torch.cat([begin, self.model.tokenizer.encode(sample)], dim=1)).sum(1)
