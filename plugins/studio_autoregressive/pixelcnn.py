"""PixelCNN++: exact likelihoods of pictures, one pixel after the other."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Image, Signature
from studio.kit.ema import EMA
from studio.kit.generator import Generator, Score, require, sample_port
from studio.kit.next_token import ANY_CLASS, AT_ONCE, VALIDATED, WARM_UP
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch, Source
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.pixelcnn import PixelCNNParams
from .likelihoods import likelihood_for
from .pixel_by_pixel import FromUpperPart, PixelByPixel, PixelModel
from .streams import TwoStreams, scales_of


class PixelCNN(Generator):
    """PixelCNN++ on pictures of any number of levels and up to four channels; "any" class is one more class.

    Source: Salimans et al., PixelCNN++, 2017, https://arxiv.org/abs/1701.05517; van den Oord et al., Conditional Image Generation
    with PixelCNN Decoders, 2016, https://arxiv.org/abs/1606.05328
    """

    def __init__(self, signature: Signature, params: PixelCNNParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        space = signature.space
        require(space, Image)
        assert isinstance(space, Image)
        scales = scales_of(space, params.scales)
        streams = TwoStreams(space, params.width, params.blocks, scales, self.classes, params.dropout)
        self.network = PixelModel(space, streams, likelihood_for(space, params.likelihood, params.width, params.mixtures))
        self.average = EMA(self.network, params.ema)

    @property
    def averaged(self) -> PixelModel:
        """The network with its averaged weights."""
        return cast(PixelModel, self.average.network)

    def stages(self) -> Sequence[Stage]:
        return (MaximumLikelihood(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        parts = (self.averaged, self.label_ports(), self.classes)
        return {"sample": PixelByPixel(*parts), "complete": FromUpperPart(*parts)}

    def scores(self) -> Mapping[str, Score]:
        return {"log_prob": PictureLogProb(self)}


class MaximumLikelihood(Stage):
    """Adam on the bits of each pixel, with warm-up and cosine decay; the class is now and then "any"."""

    def __init__(self, model: PixelCNN) -> None:
        self.model = model
        self.learning_rate = cast(PixelCNNParams, model.params).learning_rate
        self.dimensions = math.prod(model.space.shape)

    def setup(self, training: Training) -> State:
        return State(optimizer=torch.optim.Adam(self.model.network.parameters(), lr=self.learning_rate))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        labels = self.labels(batch.x, batch.labels)
        hidden = torch.rand(labels.shape, device=labels.device) < ANY_CLASS
        log_probs = self.model.network(batch.x, torch.where(hidden, self.model.classes, labels))
        loss = -log_probs.sum(1).mean() / self.dimensions
        warm = min(1.0, (training.stage_step + 1) / WARM_UP)
        decay = (1 + math.cos(math.pi * training.fraction)) / 2
        training.update(loss, state.optimizer, clip=1.0, lr=self.learning_rate * warm * decay)
        self.model.average.update(self.model.network)
        return {"loss": loss.detach()}

    def labels(self, x: Tensor, labels: Tensor | None) -> Tensor:
        """The classes of samples, or "any"."""
        return torch.full((len(x),), self.model.classes, device=x.device) if labels is None else labels

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        x, known = source.validation[:VALIDATED], source.validation_labels
        labels = self.labels(x, None if known is None else known[:VALIDATED])
        parts = zip(x.split(AT_ONCE), labels.split(AT_ONCE), strict=True)
        nats = -sum(float(self.model.averaged(*part).sum()) for part in parts) / (len(x) * self.dimensions)
        return {"validation_loss": nats, "bits_per_dim": nats / math.log(2)}


class PictureLogProb(Score):
    """Log-probability in nats of a picture's levels given its class; bits per dimension are -log_prob / (numbers * ln 2)."""

    def __init__(self, model: PixelCNN) -> None:
        self.model = model
        self.inputs = (sample_port(model.space), *model.label_ports())

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        any_class = torch.full((sample.shape[0],), self.model.classes, device=sample.device)
        return self.model.averaged(sample, given.get("label", any_class)).sum(1)
