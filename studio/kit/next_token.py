"""Learning to predict the next token: one recipe for every decoder, on stretches of a text or on whole samples."""

import math
from collections.abc import Mapping
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.space import Tokens
from studio.kit.decoder import Decoder
from studio.kit.sequence import Tokenizer, start
from studio.kit.source import Batch, Source, cut
from studio.kit.stage import Batches, Stage, State
from studio.kit.training import Training

WARM_UP = 100
VALIDATED = 512
AT_ONCE = 64
ANY_CLASS = 0.1


class Recipe(Protocol):
    """What a method's parameters say about learning.

    Attributes:
        learning_rate: the highest.
        final_rate: at the end, as a share of the highest.
        weight_decay: pull of the matrices towards zero.
    """

    @property
    def learning_rate(self) -> float: ...
    @property
    def final_rate(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...


def next_token_loss(decoder: Decoder, tokens: Tensor) -> Tensor:
    """Mean cross-entropy in nats of each token given those before it, for sequences (n, t + 1)."""
    return F.cross_entropy(decoder(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())


def mean_loss(decoder: Decoder, sequences: Tensor) -> float:
    """`next_token_loss` of many sequences (n, t + 1), a few at once."""
    return sum(float(next_token_loss(decoder, part)) * len(part) for part in sequences.split(AT_ONCE)) / len(sequences)


class NextToken(Stage):
    """A text, in random stretches: AdamW with warm-up and cosine decay, no decay of vectors.

    Args:
        window: tokens that are predicted in each stretch.
    """

    def __init__(self, decoder: Decoder, recipe: Recipe, window: int) -> None:
        self.decoder = decoder
        self.recipe = recipe
        self.window = window

    def data(self, source: Source) -> Batches:
        return source.windows(self.window + 1)

    def sequences(self, batch: Batch) -> Tensor:
        """A batch as tokens (n, t + 1)."""
        return batch.x

    def setup(self, training: Training) -> State:
        weights = list(self.decoder.parameters())
        decayed = [weight for weight in weights if weight.dim() > 1]
        plain = [weight for weight in weights if weight.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": self.recipe.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        return State(optimizer=torch.optim.AdamW(groups, lr=self.recipe.learning_rate, betas=(0.9, 0.99)))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        loss = next_token_loss(self.decoder, self.sequences(batch))
        warm = min(1.0, (training.stage_step + 1) / WARM_UP)
        low = self.recipe.final_rate
        decay = low + (1 - low) / 2 * (1 + math.cos(math.pi * training.fraction))
        training.update(loss, state.optimizer, clip=1.0, lr=self.recipe.learning_rate * warm * decay)
        return {"loss": loss.detach()}

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        loss = mean_loss(self.decoder, stretches(source.validation, self.window, VALIDATED))
        space = source.dataset.signature.space
        assert isinstance(space, Tokens)
        counts = torch.tensor(space.byte_counts, device=source.device)[source.validation].float().mean()
        return {"validation_loss": loss, "bits_per_byte": loss / math.log(2) / float(counts)}


def stretches(stream: Tensor, window: int, most: int) -> Tensor:
    """At most `most` stretches (n, window + 1) that are evenly spread over a stream (N,)."""
    count = min(most, max(1, (len(stream) - 1) // window))
    starts = torch.linspace(0, max(0, len(stream) - window - 1), count, device=stream.device).long()
    return cut(stream, starts, window + 1)


class NextTokenOfSamples(NextToken):
    """Whole samples as a tokenizer reads them, each after the token of its class, which is now and then "any".

    Args:
        classes: number of classes, 0 where there are none.
    """

    def __init__(self, decoder: Decoder, recipe: Recipe, tokenizer: Tokenizer, classes: int) -> None:
        super().__init__(decoder, recipe, tokenizer.length)
        self.tokenizer = tokenizer
        self.classes = classes

    def data(self, source: Source) -> Batches:
        self.tokenizer.fit(source.train)
        return source.batches()

    def sequences(self, batch: Batch) -> Tensor:
        """A batch as tokens (n, 1 + length)."""
        labels = batch.labels
        if labels is None:
            labels = torch.full((len(batch.x),), self.classes, device=batch.x.device)
        elif self.decoder.training:
            labels = torch.where(torch.rand(labels.shape, device=labels.device) < ANY_CLASS, self.classes, labels)
        return torch.cat([start(self.decoder.vocab_size, labels), self.tokens(batch.x)], dim=1)

    def tokens(self, x: Tensor) -> Tensor:
        """Samples as tokens (n, length)."""
        return self.tokenizer.encode(x)

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        labels = source.validation_labels
        shown = Batch(source.validation[:VALIDATED], None if labels is None else labels[:VALIDATED])
        loss = mean_loss(self.decoder, self.sequences(shown))
        return {"validation_loss": loss, **({"bits_per_dim": loss / math.log(2)} if self.tokenizer.exact else {})}
