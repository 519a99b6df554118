"""StyleGAN: styles steer every layer of a generator that starts from a constant."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Noise, Params, Signature, param
from studio.kit.any_class import latent_and_labels, noise_for
from studio.kit.ema import EMA
from studio.kit.generator import sample_port
from studio.kit.networks.spaces import Encoder
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .adversarial import GAN, Adversarial, frozen
from .augmentation import AdaptiveAugmentation
from .cards.stylegan import StyleGANParams
from .regularisation import gradient_penalty, path_lengths
from .style_critic import StyleCritic
from .style_generator import StyleGenerator


class StyleGAN(GAN):
    """StyleGAN 2 with adaptive augmentation; for points and rows a stack of modulated layers.

    Source: Karras et al., A Style-Based Generator Architecture for GANs, 2018, https://arxiv.org/abs/1812.04948; Analyzing
    and Improving the Image Quality of StyleGAN, 2019, https://arxiv.org/abs/1912.04958
    """

    def __init__(self, signature: Signature, params: StyleGANParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        space, width, depth = signature.space, params.width, params.depth
        self.latent = params.latent
        self.generator = StyleGenerator(space, params.latent, params.style, params.mapping, width, depth, self.classes)
        picture = isinstance(space, Image)
        self.critic = StyleCritic(space, width, self.classes) if picture else Encoder(space, 1, width, depth, self.classes)
        self.augmentation = AdaptiveAugmentation(params.augment, params.augment_images) if picture and params.augment else None
        self.average = EMA(self.generator, params.ema)
        self.register_buffer("path_length", torch.zeros(()))
        self.path_length: Tensor

    def stages(self) -> Sequence[Stage]:
        return (Styled(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": StyleSample(self)}


class Styled(Adversarial):
    """The non-saturating logistic loss with R1 and the path length penalty, each only every few steps."""

    def __init__(self, gan: StyleGAN) -> None:
        self.params = cast(StyleGANParams, gan.params)
        self.generator = cast(StyleGenerator, gan.generator)
        self.augmentation = gan.augmentation
        self.path_length = gan.path_length
        super().__init__(gan, self.params.learning_rate)

    def shown(self, x: Tensor) -> Tensor:
        return x if self.augmentation is None else self.augmentation(x)

    def generate(self, batch: Batch) -> Tensor:
        return self.generator(self.styles(batch), self.noise(batch))

    def styles(self, batch: Batch) -> Tensor:
        """Styles (n, layers, style): some samples take those of their later layers from a second latent."""
        mapping, n, device = self.generator.mapping, len(batch.x), batch.x.device
        first, second = (mapping(torch.randn(n, self.gan.latent, device=device), batch.labels) for _ in range(2))
        mapping.track(first, batch.labels, self.params.ema)
        layers = self.generator.synthesis.layers
        mixed = torch.rand(n, device=device) < self.params.mixing
        crossing = torch.where(mixed, torch.randint(1, layers, (n,), device=device), layers)
        return crossed(first, second, torch.arange(layers, device=device) >= crossing[:, None])

    def noise(self, batch: Batch) -> Tensor:
        """Noise of every layer, (n, pixels)."""
        return torch.randn(len(batch.x), self.generator.synthesis.pixels, device=batch.x.device)

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> tuple[Tensor, Tensor]:
        punish = training.stage_step % self.params.penalty_every == 0
        real = real.detach().requires_grad_(punish)
        on_real, on_fake = self.gan.critic(real, labels), self.gan.critic(fake, labels)
        if self.augmentation is not None:
            self.augmentation.observe(on_real.detach())
        loss = F.softplus(-on_real).mean() + F.softplus(on_fake).mean()
        if punish:
            loss = loss + 0.5 * self.params.penalty * self.params.penalty_every * gradient_penalty(on_real, real)
        return loss, (on_real - on_fake).mean()

    def generator_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> Tensor:
        return F.softplus(-self.gan.critic(fake, labels)).mean()

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        values = dict(super().step(state, batch, training))
        if self.params.path_length and training.stage_step % self.params.path_every == 0:
            values["path_length"] = self.straighten(state, batch, training)
        return values if self.augmentation is None else values | {"augmentation": self.augmentation.probability.clone()}

    def straighten(self, state: State, batch: Batch, training: Training) -> Tensor:
        """One update that brings the path lengths of half a batch to their running mean, which is returned."""
        half = (len(batch.x) + 1) // 2
        part = Batch(batch.x[:half], None if batch.labels is None else batch.labels[:half])
        with frozen(self.gan.critic):
            styles = self.styles(part)
            lengths = path_lengths(self.generator(styles, self.noise(part)), styles)
            mean = self.path_length.lerp_(lengths.detach().mean(), 0.01)
            loss = self.params.path_length * self.params.path_every * (lengths - mean).square().mean()
            training.update(loss, state.generator)
        return mean.clone()


def crossed(first: Tensor, second: Tensor, later: Tensor) -> Tensor:
    """Styles (n, layers, style) of two latents (n, style) each: the second's where `later`, (n or 1, layers), is true."""
    return torch.where(later[:, :, None], second[:, None], first[:, None])


class StyleControls(Params):
    """What can be steered after training."""

    truncation: float = param(
        1.0, "Below 1 pulls styles to their class's mean: more typical, less varied samples.", ge=-1.0, le=2.0
    )
    mixing: float = param(0.0, "Share of the layers, from the finest, that take the style of a second sample.", ge=0.0, le=1.0)
    noise_strength: float = param(1.0, "Strength of the noise in every layer, which moves fine detail.", ge=0.0, le=3.0)


class StyleSample(OneStep):
    """Styles from latents, mixed and truncated; then the synthesis with its noise.

    The noise holds that of every layer, a second latent, the latent, and a number for the class.
    """

    Controls = StyleControls

    def __init__(self, gan: StyleGAN) -> None:
        self.average = cast(StyleGenerator, gan.average.network)
        self.classes, self.latent = gan.classes, gan.latent
        self.pixels, self.layers = self.average.synthesis.pixels, self.average.synthesis.layers
        self.own = noise_for(gan.latent, gan.classes).shape[0]
        noise = Noise(shape=(self.pixels + gan.latent + self.own,))
        super().__init__(sample_port(gan.space), gan.label_ports(), noise)

    def make(self, noise: Tensor, given: Given) -> Tensor:
        maps, second, own = noise.split([self.pixels, self.latent, self.own], dim=1)
        latent, labels = latent_and_labels(own, given, self.classes)
        mapping = self.average.mapping
        later = torch.arange(self.layers, device=noise.device) >= self.layers * (1 - given["mixing"])
        styles = crossed(mapping(latent, labels), mapping(second, labels), later[None])
        mean = mapping.mean(labels)[:, None]
        return self.average(mean + given["truncation"] * (styles - mean), given["noise_strength"] * maps)
