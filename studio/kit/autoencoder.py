"""What a trained autoencoder offers to methods that model its latents."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Autoencoder(Protocol):
    """Samples as latents of about unit variance and back: what a card promises with `provides=("autoencoder",)`.

    Attributes:
        latent_shape: of one sample's latent, without the batch.
    """

    @property
    def latent_shape(self) -> tuple[int, ...]: ...

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Latents (n, *latent_shape) of samples (n, *space.shape), without noise."""
        ...

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Samples (n, *space.shape) of latents (n, *latent_shape)."""
        ...
