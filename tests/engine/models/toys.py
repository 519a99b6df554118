"""Small generators that strain the exporter from every side."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, ModelCard, Noise, Params, Plan, Points, Port, Signature, Tokens, param
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.one_step import OneStep
from studio.kit.sampler import Carry, Given, Sampler

PICTURES = Signature(space=Image(height=4, width=4, channels=1, levels=256), classes=("cat", "dog"))
POINTS = Signature(space=Points(dimensions=2))
LETTERS = Signature(space=Tokens(vocabulary=tuple("abcdefg "), length=12))


def about(generator: Generator) -> ModelCard:
    return ModelCard(
        id="toy", title="Toy", method="toy", family="vae", plugin="toys", signature=generator.signature, params={},
        dataset="none", run="r1", step=1, parameters=1, created="2026-01-01T00:00:00", studio="0", samplers=(),
    )  # fmt: skip


class Spread(Params):
    spread: float = param(1.0, "Of the latents.", ge=0.0, le=2.0)


class Latent(Generator):
    """One step, a label, and a score that draws noise."""

    def __init__(self, signature: Signature = PICTURES, params: Any = None) -> None:
        super().__init__(signature, params)
        self.table = nn.Embedding(3, 8)
        self.network = nn.Sequential(nn.Linear(16, 64), nn.SiLU(), nn.Linear(64, 16), nn.Unflatten(1, (1, 4, 4)))

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Decode(self), "reconstruct": Reconstruct(self)}

    def scores(self) -> Mapping[str, Score]:
        return {"bound": Bound(self)}

    def decode(self, z: Tensor, label: Tensor) -> Tensor:
        return self.network(torch.cat([z, self.table(label)], dim=1)).tanh()


class Decode(OneStep):
    Controls = Spread

    def __init__(self, latent: Latent) -> None:
        super().__init__(sample_port(latent.space), latent.label_ports(), Noise(shape=(8,)))
        self.latent = latent

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.latent.decode(given["spread"] * noise, given["label"])


class Reconstruct(OneStep):
    def __init__(self, latent: Latent) -> None:
        super().__init__(sample_port(latent.space), (sample_port(latent.space), *latent.label_ports()))
        self.latent = latent

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.latent.decode(given["sample"].flatten(1)[:, :8], given["label"])


class Bound(Score):
    def __init__(self, latent: Latent) -> None:
        self.latent = latent
        self.inputs = (sample_port(latent.space), *latent.label_ports())
        self.noise = Noise(shape=(8,))

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        return -((sample - self.latent.decode(noise, given["label"])) ** 2).flatten(1).sum(1)


class Steps(Params):
    steps: int = param(6, "Steps.", ge=1, le=50)
    guidance_scale: float = param(1.5, "Guidance.", ge=0.0, le=10.0)


class Denoiser(Generator):
    """Many steps, noise in each, guidance, a convolution in the loop, and a look that differs from the end."""

    def __init__(self, signature: Signature = PICTURES, params: Any = None) -> None:
        super().__init__(signature, params)
        self.table = nn.Embedding(3, 32)
        self.first, self.last = nn.Conv2d(1, 32, 3, padding=1), nn.Conv2d(32, 1, 3, padding=1)
        self.norm = nn.GroupNorm(4, 32)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Walk(self)}

    def forward(self, x: Tensor, label: Tensor) -> Tensor:
        h = F.silu(self.norm(self.first(x)) + self.table(label)[:, :, None, None])
        return self.last(h)


class Walk(Sampler):
    Controls = Steps

    def __init__(self, network: Denoiser) -> None:
        self.network = network
        noise = Noise(shape=network.space.shape)
        self.plan = Plan(steps="steps", initial=noise, each=noise)
        self.inputs = network.label_ports()
        self.output = sample_port(network.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": noise, "mean": torch.zeros_like(noise)}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        x, label = carry["x"], given["label"]
        n = x.shape[0]
        both = self.network(torch.cat([x, x]), torch.cat([label, torch.full_like(label, 2)]))
        mean = both[n:] + given["guidance_scale"] * (both[:n] - both[n:])
        left = (given["steps"] - i - 1) / given["steps"]
        return {"x": 0.7 * x + 0.3 * mean + 0.1 * left * noise, "mean": mean}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"].clamp(-1, 1)

    def peek(self, carry: Carry) -> Tensor:
        return carry["mean"].clamp(-1, 1)


class Length(Params):
    length: int = param(5, "Letters to write.", ge=1, le=8)


class Writer(Generator):
    """A letter a step, a prompt of any length, a buffer of what was seen, a scalar in the carry."""

    def __init__(self, signature: Signature = LETTERS, params: Any = None) -> None:
        super().__init__(signature, params)
        self.table = nn.Embedding(8, 32)
        self.head = nn.Linear(32, 8)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Write(self)}


class Write(Sampler):
    Controls = Length

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.plan = Plan(steps="length", each=Noise(shape=(8,), law="gumbel"))
        self.inputs = (Port(name="prompt", kind="text", shape=(-1,), dtype="int64", longest=4),)
        self.output = sample_port(writer.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        prompt = given["prompt"]
        n, length = prompt.shape
        seen = torch.cat([self.writer.table(prompt), torch.zeros(n, 12 - length, 32)], dim=1)
        tokens = torch.cat([prompt, torch.full((n, 12 - length), -1)], dim=1)
        return {"tokens": tokens, "seen": seen, "position": torch.ones_like(prompt[0]).sum()}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        position = carry["position"]
        token = (self.writer.head(carry["seen"].sum(1) / position) + noise).argmax(1)
        here = torch.arange(12) == position
        return {
            "tokens": torch.where(here, token[:, None], carry["tokens"]),
            "seen": torch.where(here[:, None], self.writer.table(token)[:, None], carry["seen"]),
            "position": position + 1,
        }

    def finish(self, carry: Carry) -> Tensor:
        return carry["tokens"]


class Fixed(Generator):
    """A fixed number of steps, no noise after the first, an input that nothing uses, a count that begins as a constant."""

    def __init__(self, signature: Signature = POINTS, params: Any = None) -> None:
        super().__init__(signature, params)
        self.network = nn.Linear(2, 2)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Three(self)}


class Three(Sampler):
    def __init__(self, fixed: Fixed) -> None:
        self.network = fixed.network
        self.plan = Plan(steps=3, initial=Noise(shape=(2,)))
        self.inputs = (Port(name="unused", kind="points", shape=(2,), optional=True),)
        self.output = sample_port(fixed.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": noise, "count": torch.tensor(1)}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        x, count = carry["x"], carry["count"]
        return {"x": x + 0.1 * self.network(x) * (i + count).expand(x.shape[0])[:, None], "count": count + 1}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]


TOYS = {"latent": Latent, "denoiser": Denoiser, "writer": Writer, "fixed": Fixed}
