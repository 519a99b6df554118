"""Samplers of a picture whose pixels follow one another."""

import torch
from torch import Tensor, nn

from studio.api import Image, Noise, Plan, Port
from studio.kit.generator import sample_port
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.sequence import Levels

from .likelihoods import PixelLikelihood
from .streams import TwoStreams


class PixelModel(nn.Module):
    """Pictures (n, *space.shape) of classes (n,) -> log-probability in nats of each pixel given those before it, (n, pixels).

    Off their levels pictures are taken at the nearest ones.
    """

    def __init__(self, space: Image, streams: TwoStreams, likelihood: PixelLikelihood) -> None:
        super().__init__()
        self.space = space
        self.streams = streams
        self.likelihood = likelihood
        self.tokenizer = Levels(space)

    def encode(self, x: Tensor) -> Tensor:
        """The levels of a picture, (n, pixels, channels)."""
        return self.tokenizer.encode(x).unflatten(1, (-1, self.space.channels))

    def decode(self, levels: Tensor) -> Tensor:
        """The way back; -1, not yet drawn, becomes grey."""
        return self.tokenizer.decode(levels.flatten(1))

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        levels = self.encode(x)
        features = self.streams(self.decode(levels), labels)
        return self.likelihood.log_prob(features.flatten(2).transpose(1, 2), levels)


class PixelByPixel(Sampler):
    """One pixel a step, in raster order: the carry is the levels (n, pixels, channels), -1 where none stands yet, and the rows
    that the network remembers. A pixel that stands already is kept.

    Args:
        classes: number of classes; without a label the class is "any", number `classes`.
    """

    def __init__(self, model: PixelModel, ports: tuple[Port, ...], classes: int) -> None:
        self.model = model
        self.classes = classes
        self.pixels = model.space.height * model.space.width
        self.plan = Plan(steps=self.pixels, each=Noise(shape=(model.likelihood.draws,), law="gumbel"))
        self.inputs = ports
        self.output = sample_port(model.space)
        self.Controls = model.likelihood.Controls

    def standing(self, n: int, device: torch.device, given: Given) -> Tensor:
        """Levels (n, pixels, channels) that are given and not drawn; -1 elsewhere."""
        return torch.full((n, self.pixels, self.model.space.channels), -1, device=device)

    def labels(self, n: int, device: torch.device, given: Given) -> Tensor:
        """Classes (n,)."""
        return given.get("label", torch.full((n,), self.classes, device=device))

    def init(self, noise: Tensor, given: Given) -> Carry:
        n, device = noise.shape[0], noise.device
        return {"levels": self.standing(n, device, given), **self.model.streams.blank(n, device)}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        levels = carry["levels"]
        memory = {name: rows for name, rows in carry.items() if name != "levels"}
        labels = self.labels(noise.shape[0], noise.device, given)
        features, memory = self.model.streams.at(self.model.decode(levels), labels, i, memory)
        drawn = self.model.likelihood.draw(features, noise, given)
        standing = levels.index_select(1, i.reshape(1))
        pixel = torch.where(standing < 0, drawn[:, None], standing)
        here = torch.arange(self.pixels, device=noise.device)[:, None] == i
        return {"levels": torch.where(here, pixel, levels), **memory}

    def finish(self, carry: Carry) -> Tensor:
        return self.model.decode(carry["levels"])


class FromUpperPart(PixelByPixel):
    """Keeps the upper part of a picture and draws the rest."""

    def __init__(self, model: PixelModel, ports: tuple[Port, ...], classes: int) -> None:
        super().__init__(model, (sample_port(model.space), *ports), classes)
        self.Controls = model.likelihood.KeepControls

    def standing(self, n: int, device: torch.device, given: Given) -> Tensor:
        shares = torch.arange(self.pixels, device=device)[:, None] / self.pixels
        return torch.where(shares < given["keep"], self.model.encode(given["sample"]), -1)
