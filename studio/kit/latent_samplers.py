"""What can be done with any autoencoder: decode noise, encode, decode, reconstruct."""

from typing import Protocol

from torch import Tensor

from studio.api import Params, Port, param
from studio.api.space import Space
from studio.kit.any_class import latent_and_labels, noise_for
from studio.kit.autoencoder import Autoencoder
from studio.kit.generator import sample_port
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given


class LatentModel(Autoencoder, Protocol):
    """An autoencoder that is a generator."""

    @property
    def space(self) -> Space: ...
    @property
    def classes(self) -> int: ...
    def label_ports(self) -> tuple[Port, ...]: ...


class Temperature(Params):
    """How far from the centre of the latent space samples are taken."""

    temperature: float = param(
        1.0, "Spread of the latents: below 1 more typical samples, above 1 more unusual ones.", ge=0.0, le=2.0
    )


class Sample(OneStep):
    """Decodes noise, of a class drawn for each sample where none is asked for."""

    Controls = Temperature

    def __init__(self, model: LatentModel) -> None:
        (latent,) = model.latent_shape
        super().__init__(sample_port(model.space), model.label_ports(), noise_for(latent, model.classes))
        self.model = model

    def make(self, noise: Tensor, given: Given) -> Tensor:
        latents, labels = latent_and_labels(noise, given, self.model.classes)
        return self.model.decode(given["temperature"] * latents, labels)


class Encode(OneStep):
    """The mean of the posterior."""

    def __init__(self, model: LatentModel) -> None:
        super().__init__(latent_port(model), (sample_port(model.space), *model.label_ports()))
        self.model = model

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.model.encode(given["sample"], given.get("label"))


class Decode(OneStep):
    """A sample from a latent."""

    def __init__(self, model: LatentModel) -> None:
        super().__init__(sample_port(model.space), (latent_port(model), *model.label_ports()))
        self.model = model

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.model.decode(given["latent"], given.get("label"))


class Reconstruct(OneStep):
    """Encodes and decodes."""

    def __init__(self, model: LatentModel) -> None:
        super().__init__(sample_port(model.space), (sample_port(model.space), *model.label_ports()))
        self.model = model

    def make(self, noise: Tensor, given: Given) -> Tensor:
        labels = given.get("label")
        return self.model.decode(self.model.encode(given["sample"], labels), labels)


def latent_port(model: LatentModel) -> Port:
    """The port of a latent."""
    return Port(name="latent", kind="latent", shape=model.latent_shape)
