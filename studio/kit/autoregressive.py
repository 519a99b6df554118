"""A method that is a decoder: what it trains, draws and scores follows from whether it reads texts or pictures."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.sampler import Port
from studio.api.space import Signature, Tokens
from studio.kit.completion import Completion, FromStart, FromUpperPart
from studio.kit.decoder import Decoder
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.next_token import NextToken, NextTokenOfSamples
from studio.kit.sampler import Given, Sampler
from studio.kit.sequence import start, tokenizer_for
from studio.kit.stage import Stage

Build = Callable[[int, int, int], Decoder]
"""(vocab_size, starts, context) -> a decoder; see `studio.kit.decoder` for what starts are."""


class Autoregressive(Generator):
    """A decoder of the symbols of texts, or of the pixels of pictures in raster order.

    Args:
        params: with what `studio.kit.next_token.Recipe` asks for; for texts `context`, the tokens in a window, for pictures
            `colours`, the size of the palette where levels are not read as they are.
        build: makes the decoder.

    Raises:
        StudioError: the space is neither text nor pictures.
    """

    def __init__(self, signature: Signature, params: Any, inputs: Mapping[str, nn.Module] | None, build: Build) -> None:
        super().__init__(signature, params, inputs)
        space = signature.space
        if isinstance(space, Tokens):
            self.tokenizer = None
            self.network = build(space.vocab_size, 0, params.context)
        else:
            self.tokenizer = tokenizer_for(space, params.colours)
            self.network = build(self.tokenizer.vocab_size, self.classes + 1, self.tokenizer.length + 1)

    def stages(self) -> Sequence[Stage]:
        if self.tokenizer is None:
            return (NextToken(self.network, self.params, self.params.context),)
        return (NextTokenOfSamples(self.network, self.params, self.tokenizer, self.classes),)

    def samplers(self) -> Mapping[str, Sampler]:
        if self.tokenizer is None:
            return {"sample": Completion(self.network, self.space)}
        parts = (self.network, self.tokenizer, self.space, self.label_ports(), self.classes)
        return {"sample": FromStart(*parts), "complete": FromUpperPart(*parts)}

    def scores(self) -> Mapping[str, Score]:
        if self.tokenizer is None:
            port = sample_port(self.space).model_copy(update={"longest": self.network.context})
            return {"log_prob": TextLogProb(self.network, port)}
        score = SampleLogProb(self, (sample_port(self.space), *self.label_ports()))
        return {"log_prob" if self.tokenizer.exact else "palette_log_prob": score}

    def sequences(self, x: Tensor, labels: Tensor) -> Tensor:
        """Pictures of classes (n,) as the decoder reads them: (n, 1 + length)."""
        assert self.tokenizer is not None
        return torch.cat([start(self.network.vocab_size, labels), self.tokenizer.encode(x)], dim=1)


class TextLogProb(Score):
    """Log-likelihood in nats of a text (n, t) given its first token; places not written (-1) count nothing."""

    def __init__(self, decoder: Decoder, port: Port) -> None:
        self.decoder = decoder
        self.inputs = (port,)

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        log_probs = token_log_probs(self.decoder, sample.clamp(min=0))
        return torch.where(sample[:, 1:] < 0, 0.0, log_probs).sum(1)


class SampleLogProb(Score):
    """Log-probability in nats of a picture's levels given its class, or of the palette's colours nearest to its own."""

    def __init__(self, model: Autoregressive, ports: tuple[Port, ...]) -> None:
        self.model = model
        self.inputs = ports

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        any_class = torch.full((sample.shape[0],), self.model.classes, device=sample.device)
        sequences = self.model.sequences(sample, given.get("label", any_class))
        return token_log_probs(self.model.network, sequences).sum(1)


def token_log_probs(decoder: Decoder, tokens: Tensor) -> Tensor:
    """Log-probability in nats of each token (n, t) but the first, given those before it: (n, t - 1)."""
    log_probs = F.log_softmax(decoder(tokens)[:, :-1], dim=2)
    return log_probs.gather(2, tokens[:, 1:, None]).squeeze(2)
