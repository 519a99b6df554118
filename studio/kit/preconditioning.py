"""A network seen as a denoiser of any noise level, whose input, output and target have about unit variance at each of them."""

from torch import Tensor, nn

from studio.kit.schedules import broadcast

SIGMA_MIN, SIGMA_MAX = 0.002, 80.0


class Preconditioned(nn.Module):
    """D(x; sigma) = c_skip x + c_out F(c_in x; c_noise), so that D(x; 0) = x: denoisers and consistency models alike.

    Args:
        network: F, called with x, times (n,) in about -160..110 and labels, as `studio.kit.networks.spaces.denoiser` makes it.
        sigma_data: the standard deviation of the data.

    Source: Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models, 2022, table 1,
    https://arxiv.org/abs/2206.00364
    """

    def __init__(self, network: nn.Module, sigma_data: float = 0.5) -> None:
        super().__init__()
        self.network = network
        self.sigma_data = sigma_data

    def forward(self, x: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        """The clean samples, like x (n, ...), of samples with noise of levels `sigma` (n,)."""
        level = broadcast(sigma, x)
        total = level.square() + self.sigma_data**2
        output = self.network(x / total.sqrt(), self.time(sigma), labels)
        return self.sigma_data**2 / total * x + level * self.sigma_data / total.sqrt() * output

    @staticmethod
    def time(sigma: Tensor) -> Tensor:
        """c_noise = log(sigma) / 4 in hundredths: the scale on which the networks' time embeddings resolve it."""
        return 25 * sigma.clamp(min=SIGMA_MIN).log()
