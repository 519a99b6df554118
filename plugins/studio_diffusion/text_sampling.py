"""Samplers from words: whole ways from noise to a picture, and their parts for graphs."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api import Noise, Plan, Port
from studio.kit.generator import prompt_port, sample_port
from studio.kit.latent_samplers import latent_port
from studio.kit.one_step import OneStep
from studio.kit.sampler import Carry, Given
from studio.kit.solvers import Level

from .editing import ImageToImage, Inpaint, mask_port
from .sampling import Guided, Sample

if TYPE_CHECKING:
    from .from_words import FromWords

MOVING = {"x", "memory"}


class InWords(Guided):
    """A sampler of latents that is told in words what to make, and what to keep away from.

    The carry holds what stays the same beside what moves: "words" and "against", both (n, t, text_width).
    """

    model: "FromWords"

    def prompts(self) -> tuple[Port, Port]:
        """What to make, and what to keep away from; "nothing in particular" where that is empty."""
        return prompt_port(self.model.words), prompt_port(self.model.words, "negative_prompt")

    def told(self, given: Given) -> Carry:
        """What the prompts say."""
        return {"words": self.model.read(given["prompt"]), "against": self.model.read_negative(given["negative_prompt"])}

    def guided(self, x: Tensor, level: Level, given: Given) -> Tensor:
        """Away from the negative prompt, towards the prompt."""
        n = x.shape[0]
        both = self.model.clean(torch.cat([x, x]), level, torch.cat([given["words"], given["against"]]))
        return both[n:] + given["guidance_scale"] * (both[:n] - both[n:])

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        kept = {name: tensor for name, tensor in carry.items() if name not in MOVING}
        moving = {name: tensor for name, tensor in carry.items() if name in MOVING}
        return {**super().step(moving, i, noise, {**given, **kept}), **kept}

    def finish(self, carry: Carry) -> Tensor:
        return self.model.decode(carry["x"])


class TextToImage(InWords, Sample):
    """From noise and words to a picture."""

    def __init__(self, model: "FromWords") -> None:
        super().__init__(model)
        self.inputs = self.prompts()
        self.plan = plan(model)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {**Sample.init(self, noise, given), **self.told(given)}


class DenoiseLatents(TextToImage):
    """The denoiser alone: from noise and what the text encoder gave to latents."""

    def __init__(self, model: "FromWords") -> None:
        super().__init__(model)
        self.inputs = (conditioning_port(model, "conditioning"), conditioning_port(model, "negative_conditioning"))
        self.output = latent_port(model)

    def told(self, given: Given) -> Carry:
        """What came in; zeros, which the text encoder never gives, stand for nothing said."""
        silence = self.model.silence.expand(given["conditioning"].shape[0], -1)
        pick = lambda told, silent: torch.where((told == 0).all(2, keepdim=True), silent, told)  # noqa: E731
        return {
            "words": pick(given["conditioning"], self.model.read(silence)),
            "against": pick(given["negative_conditioning"], self.model.read_negative(silence)),
        }

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]


class Variation(InWords, ImageToImage):
    """A given picture, noised and made anew after the words."""

    def __init__(self, model: "FromWords") -> None:
        super().__init__(model)
        self.inputs = (sample_port(model.space), *self.prompts())
        self.plan = plan(model)

    def init(self, noise: Tensor, given: Given) -> Carry:
        latents = self.model.encode(given["sample"])
        return {**ImageToImage.init(self, noise, {**given, "sample": latents}), **self.told(given)}


class RedoPart(InWords, Inpaint):
    """What the mask shows is made anew after the words; the rest of the picture stays as it is, pixel by pixel.

    A place of the latents is made anew where any of its pixels is.
    """

    def __init__(self, model: "FromWords") -> None:
        super().__init__(model)
        self.inputs = (sample_port(model.space), mask_port(model), *self.prompts())
        shape = model.latent_shape
        self.plan = Plan(steps="steps", initial=Noise(shape=shape), each=Noise(shape=(2, *shape)))

    def init(self, noise: Tensor, given: Given) -> Carry:
        fold = [size // small for size, small in zip(given["mask"].shape[2:], noise.shape[2:], strict=True)]
        places = {"sample": self.model.encode(given["sample"]), "mask": F.max_pool2d(given["mask"], fold)}
        picture = {"picture": given["sample"], "hole": given["mask"]}
        return {**Inpaint.init(self, noise, given), **places, **picture, **self.told(given)}

    def finish(self, carry: Carry) -> Tensor:
        return torch.where(carry["hole"] > 0, super().finish(carry), carry["picture"])


class EncodeText(OneStep):
    """The text encoder alone: words to what the denoiser looks at."""

    def __init__(self, model: "FromWords") -> None:
        super().__init__(conditioning_port(model, "conditioning"), (prompt_port(model.words),))
        self.model = model

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.model.read(given["prompt"])


def plan(model: "FromWords") -> Plan:
    """Noise of the latents' shape, at the start and at each step."""
    noise = Noise(shape=model.latent_shape)
    return Plan(steps="steps", initial=noise, each=noise)


def conditioning_port(model: "FromWords", name: str) -> Port:
    """What a prompt says, as the text encoder gives it; zeros for nothing."""
    return Port(name=name, kind="conditioning", shape=model.conditioning_shape, optional=True)
