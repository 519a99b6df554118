"""VQ-VAE: an autoencoder whose latents are entries of a finite list, and a prior over them."""

import math
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.kit.kl_coder import psnr
from studio.kit.quantize import Quantized, entropy, used
from studio.kit.source import Batch, Source
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.two_stages import TwoStageParams
from .code_tokenizer import CodeTokenizer
from .two_stages import TwoStages

WARM_UP, LEAST = 50, 0.02
HELD_OUT = 512


class VQVAE(TwoStages):
    """The autoencoder learns by the squared error; the prior is a transformer where the paper's is a PixelCNN.

    Source: van den Oord et al., Neural Discrete Representation Learning, 2017, https://arxiv.org/abs/1711.00937
    """

    def coding(self) -> Stage:
        return Coding(self.coder, cast(TwoStageParams, self.params))


class Coding(Stage):
    """The squared error with the quantiser's own loss; then the codebook follows the encoder."""

    name = "tokenizer"

    def __init__(self, tokenizer: CodeTokenizer, params: TwoStageParams) -> None:
        self.tokenizer = tokenizer
        self.params = params
        self.share = params.tokenizer_share

    def setup(self, training: Training) -> State:
        return State(optimizer=torch.optim.AdamW(self.tokenizer.parameters(), self.params.tokenizer_rate, weight_decay=0.0))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        x = self.pictures(batch)
        z, coded, again = self.through(x)
        error = F.mse_loss(again, x)
        training.update(error + coded.loss, state.optimizer, clip=1.0, lr=self.rate(training))
        self.tokenizer.quantizer.learn(z.detach())
        return {"error": error.detach(), "commitment": coded.loss.detach()}

    def pictures(self, batch: Batch) -> Tensor:
        """Those of a batch, each mirrored or not where both are learned."""
        if not self.params.mirror:
            return batch.x
        mirrored = torch.rand(len(batch.x), 1, 1, 1, device=batch.x.device) < 0.5
        return torch.where(mirrored, batch.x.flip(3), batch.x)

    def through(self, x: Tensor) -> tuple[Tensor, Quantized, Tensor]:
        """What the encoder makes of pictures, what the quantiser makes of that, and the decoder's pictures, not bounded."""
        z = self.tokenizer.encoder(x)
        coded = self.tokenizer.quantizer(z)
        return z, coded, self.tokenizer.decoder(coded.values)

    def rate(self, training: Training) -> float:
        """The learning rate: a short warm-up, then half a cosine."""
        warm = min(1.0, (training.stage_step + 1) / WARM_UP)
        return self.params.tokenizer_rate * warm * (LEAST + (1 - LEAST) / 2 * (1 + math.cos(math.pi * training.fraction)))

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        """How exactly held-out pictures come back, which share of the codes they need, and the perplexity of these."""
        x = source.validation[:HELD_OUT]
        tokens = self.tokenizer.encode(x)
        error = F.mse_loss(self.tokenizer.decode(tokens), x)
        codes = self.tokenizer.vocab_size
        return {
            "validation_psnr": float(psnr(error)), "codes_used": used(tokens, codes),
            "perplexity": math.exp(entropy(tokens, codes)),
        }  # fmt: skip
