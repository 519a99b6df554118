"""An exponential moving average of a network's weights: what diffusion models and GANs sample from."""

import copy

import torch
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class EMA(nn.Module):
    """A copy of `network` whose weights follow it slowly; call it as the network itself.

    Args:
        decay: the share of the old average kept at each update, approached from 0 so that early averages forget the start.

    Source: Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992, https://doi.org/10.1137/0330046
    """

    def __init__(self, network: nn.Module, decay: float = 0.999) -> None:
        super().__init__()
        self.network = copy.deepcopy(network).requires_grad_(False)
        self.decay = decay
        self.register_buffer("updates", torch.zeros((), dtype=torch.int64))
        self.updates: torch.Tensor

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move towards `network`; buffers are copied."""
        self.updates += 1
        decay = min(self.decay, (1 + int(self.updates)) / (10 + int(self.updates)))
        get_ema_multi_avg_fn(decay)(list(self.network.parameters()), list(network.parameters()), None)
        for own, other in zip(self.network.buffers(), network.buffers(), strict=True):
            own.copy_(other)

    def forward(self, *args: torch.Tensor | None) -> torch.Tensor:
        """The averaged network's output."""
        return self.network(*args)
