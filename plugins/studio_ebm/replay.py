"""The replay buffer: where the chains of persistent contrastive divergence wait for their next turn."""

import torch
from torch import Tensor, nn


class ReplayBuffer(nn.Module):
    """Samples (capacity, *shape) that begin as standard normal noise; saved with a checkpoint.

    Source: Tieleman, Training Restricted Boltzmann Machines using Approximations to the Likelihood Gradient, 2008,
    https://doi.org/10.1145/1390156.1390290
    """

    def __init__(self, capacity: int, shape: tuple[int, ...], device: torch.device) -> None:
        super().__init__()
        self.register_buffer("samples", torch.randn(capacity, *shape, device=device))
        self.samples: Tensor

    def draw(self, n: int, restart: float) -> tuple[Tensor, Tensor]:
        """Places (n,) of different chains and where these are, (n, *shape); a share `restart` begins anew from noise."""
        places = torch.randperm(len(self.samples), device=self.samples.device)[:n]
        chains = self.samples[places]
        anew = torch.rand(n, *(1,) * (chains.dim() - 1), device=chains.device) < restart
        return places, torch.where(anew, torch.randn_like(chains), chains)

    def put(self, places: Tensor, chains: Tensor) -> None:
        """Put chains back where they came from."""
        self.samples[places] = chains
