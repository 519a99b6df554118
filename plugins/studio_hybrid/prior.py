"""The second stage: a model of the next code."""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api import Dataset, Signature
from studio.kit.decoder import Decoder
from studio.kit.next_token import VALIDATED, NextTokenOfSamples
from studio.kit.quantize import entropy
from studio.kit.sequence import Tokenizer
from studio.kit.source import Source
from studio.kit.stage import Batches
from studio.kit.training import Training

from .cards.two_stages import TwoStageParams

AT_ONCE = 128


class Prior(NextTokenOfSamples):
    """Learns the codes of pictures that a tokenizer, which no longer changes, has read once.

    Args:
        share: of the steps.
    """

    name = "prior"

    def __init__(
        self, decoder: Decoder, params: TwoStageParams, tokenizer: Tokenizer, signature: Signature, share: float
    ) -> None:
        super().__init__(decoder, params, tokenizer, len(signature.classes))
        self.signature = signature
        self.share = share

    def data(self, source: Source) -> Batches:
        self.codes = self.read(source)
        return self.codes.batches()

    def read(self, source: Source) -> Source:
        """The same data as codes."""
        dataset = source.dataset
        codes = Dataset(
            self.signature, self._encode(source.train), self._encode(source.validation),
            dataset.train_labels, dataset.validation_labels,
        )  # fmt: skip
        return Source(codes, source.size, source.seed, source.device)

    def _encode(self, pictures: Tensor) -> NDArray[np.int64]:
        with torch.no_grad():
            return torch.cat([self.tokenizer.encode(part).cpu() for part in pictures.split(AT_ONCE)]).numpy()

    def tokens(self, x: Tensor) -> Tensor:
        """As they are: the data are codes."""
        return x

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        """The loss in nats per held-out code, and how much less that is than the entropy of their frequencies."""
        numbers = super().validate(self.codes, training)
        unigram = entropy(self.codes.validation[:VALIDATED], self.decoder.vocab_size)
        return {**numbers, "saved": 1 - numbers["validation_loss"] / unigram if unigram else 0.0}
