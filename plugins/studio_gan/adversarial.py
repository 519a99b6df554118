"""What every GAN shares: a generator and a discriminator that take turns."""

from collections.abc import Generator as Yields
from collections.abc import Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from studio.api import Params, param
from studio.kit.any_class import latent_and_labels, noise_for
from studio.kit.ema import EMA
from studio.kit.generator import Generator, sample_port
from studio.kit.insight import Arrows, Insight, surface
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler, default_inputs, sample
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

PULLED = 64


class GAN(Generator):
    """Base of the family's methods, which set these attributes and name their stage.

    Attributes:
        latent: numbers in a latent vector.
        generator: latents (n, latent), labels (n,) or None -> samples.
        critic: samples, labels (n,) or None -> (n, 1), higher where they look real.
        average: the running average of the generator that samples are made with.
    """

    latent: int
    generator: nn.Module
    critic: nn.Module
    average: EMA

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self)}

    def insights(self) -> Mapping[str, Insight]:
        """What the discriminator thinks of the plane, and where it pulls generated points."""
        device = next(self.parameters()).device
        sampler = self.samplers()["sample"]
        places = sample(sampler, PULLED, inputs=default_inputs(sampler.inputs, PULLED, self.classes), device=device)
        return {"discriminator": surface(self.critic, device), "pull": Arrows(places, uphill(self.critic, places))}


def uphill(critic: nn.Module, x: Tensor) -> Tensor:
    """The gradient of a discriminator's scores by samples, like x."""
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        return torch.autograd.grad(critic(x).sum(), x)[0]


class Truncation(Params):
    """How unusual samples may be."""

    truncation: float = param(
        1.0, "Below 1 pulls the latents to their centre: more typical, less varied samples.", ge=0.0, le=2.0
    )


class Sample(OneStep):
    """One pass of the averaged generator, for a class drawn for each sample where none is asked for.

    Source of truncation: Brock et al., BigGAN, 2018, https://arxiv.org/abs/1809.11096 (here the latents are scaled).
    """

    Controls = Truncation

    def __init__(self, gan: GAN) -> None:
        super().__init__(sample_port(gan.space), gan.label_ports(), noise_for(gan.latent, gan.classes))
        self.average = gan.average
        self.classes = gan.classes

    def make(self, noise: Tensor, given: Given) -> Tensor:
        latent, labels = latent_and_labels(noise, given, self.classes)
        return self.average(given["truncation"] * latent, labels)


class Adversarial(Stage):
    """One update of the discriminator a step, and one of the generator every `generator_every` steps.

    A method gives `critic_loss` and `generator_loss`; `shown` is what the discriminator sees of samples.

    Source: Goodfellow et al., Generative Adversarial Networks, 2014, https://arxiv.org/abs/1406.2661
    """

    generator_every = 1
    betas = (0.0, 0.99)

    def __init__(self, gan: GAN, learning_rate: float, critic_learning_rate: float | None = None) -> None:
        self.gan = gan
        self.learning_rate = learning_rate
        self.critic_learning_rate = critic_learning_rate or learning_rate

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> tuple[Tensor, Tensor]:
        """The discriminator's loss, and how far apart it holds real and generated samples."""
        raise NotImplementedError

    def generator_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> Tensor:
        """The generator's loss; the discriminator's weights take no gradient."""
        raise NotImplementedError

    def generate(self, batch: Batch) -> Tensor:
        """A sample of the class of each real one."""
        return self.gan.generator(torch.randn(len(batch.x), self.gan.latent, device=batch.x.device), batch.labels)

    def shown(self, x: Tensor) -> Tensor:
        """Samples as the discriminator sees them."""
        return x

    def fade(self, training: Training) -> float:
        """The part of the learning rates that is left at this step."""
        return 1.0

    def setup(self, training: Training) -> State:
        return State(
            generator=torch.optim.Adam(self.gan.generator.parameters(), self.learning_rate, self.betas),
            critic=torch.optim.Adam(self.gan.critic.parameters(), self.critic_learning_rate, self.betas),
        )

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        values = self.teach_critic(state, batch, training)
        if training.stage_step % self.generator_every == 0:
            values |= self.teach_generator(state, batch, training)
        return values

    def teach_critic(self, state: State, batch: Batch, training: Training) -> dict[str, Tensor]:
        """One update of the discriminator."""
        with frozen(self.gan.generator):
            fake = self.generate(batch)
        loss, gap = self.critic_loss(self.shown(batch.x), self.shown(fake), batch.labels, training)
        training.update(loss, state.critic, lr=self.critic_learning_rate * self.fade(training))
        return {"critic_loss": loss.detach(), "gap": gap.detach()}

    def teach_generator(self, state: State, batch: Batch, training: Training) -> dict[str, Tensor]:
        """One update of the generator and of its average."""
        with frozen(self.gan.critic):
            loss = self.generator_loss(self.shown(batch.x), self.shown(self.generate(batch)), batch.labels, training)
            training.update(loss, state.generator, lr=self.learning_rate * self.fade(training))
        self.gan.average.update(self.gan.generator)
        return {"generator_loss": loss.detach()}


@contextmanager
def frozen(network: nn.Module) -> Yields[None]:
    """A network whose weights take no gradient meanwhile; what it is given still does."""
    network.requires_grad_(False)
    try:
        yield
    finally:
        network.requires_grad_(True)
