"""Adaptive discriminator augmentation: changes to pictures, as likely as the discriminator is overconfident."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

EVERY = 4


class AdaptiveAugmentation(nn.Module):
    """Flips, turns, stretches, moves and recolours pictures (n, c, h, w), each with the current probability.

    The probability rises while the mean sign of the scores of real pictures is above `target`, and falls below it.

    Args:
        images: how many pictures it takes from probability 0 to 1.

    Source: Karras et al., Training Generative Adversarial Networks with Limited Data, 2020, https://arxiv.org/abs/2006.06676
    """

    def __init__(self, target: float, images: float) -> None:
        super().__init__()
        self.target, self.images = target, images
        for name in ("probability", "signs", "seen", "calls"):
            self.register_buffer(name, torch.zeros(()))
        self.probability: Tensor
        self.signs: Tensor
        self.seen: Tensor
        self.calls: Tensor

    def forward(self, x: Tensor) -> Tensor:
        return self.recoloured(self.moved(x)) if float(self.probability) > 0 else x

    @torch.no_grad()
    def observe(self, scores: Tensor) -> None:
        """Take note of the scores (n, 1) of real pictures, and adjust every few calls."""
        self.signs += scores.sign().sum()
        self.seen += len(scores)
        self.calls += 1
        if int(self.calls) % EVERY == 0:
            step = torch.sign(self.signs / self.seen - self.target) * self.seen / self.images
            self.probability.add_(step).clamp_(0, 1)
            self.signs.zero_()
            self.seen.zero_()

    def gate(self, x: Tensor, change: Tensor, nothing: float) -> Tensor:
        """`change` (n,) where it is drawn, `nothing` elsewhere."""
        return torch.where(torch.rand(len(x), device=x.device) < self.probability, change, nothing)

    def moved(self, x: Tensor) -> Tensor:
        """Mirrored, turned by quarters and by any angle, scaled, stretched and moved."""
        n, device = len(x), x.device
        flip = self.gate(x, torch.randint(2, (n,), device=device) * 2.0 - 1.0, 1.0)
        quarter = self.gate(x, torch.randint(4, (n,), device=device) * (math.pi / 2), 0.0)
        angle = quarter + self.gate(x, (torch.rand(n, device=device) * 2 - 1) * math.pi, 0.0)
        scale = self.gate(x, torch.exp2(0.2 * torch.randn(n, device=device)), 1.0)
        stretch = self.gate(x, torch.exp2(0.2 * torch.randn(n, device=device)), 1.0)
        across, down = (self.gate(x, 0.25 * torch.randn(n, device=device), 0.0) for _ in range(2))
        cos, sin = angle.cos(), angle.sin()
        rows = [
            torch.stack([flip * scale * stretch * cos, -scale / stretch * sin, across], dim=1),
            torch.stack([flip * scale * stretch * sin, scale / stretch * cos, down], dim=1),
        ]
        places = F.affine_grid(torch.stack(rows, dim=1), list(x.shape), align_corners=False)
        return F.grid_sample(x, places, padding_mode="reflection", align_corners=False)

    def recoloured(self, x: Tensor) -> Tensor:
        """Brighter or darker, of more or less contrast and, in colour, saturation."""
        draw = lambda: torch.randn(len(x), device=x.device)  # noqa: E731
        colour, rest = x[:, :3], x[:, 3:]
        brightness, contrast = self.gate(x, 0.2 * draw(), 0.0), self.gate(x, torch.exp2(0.5 * draw()), 1.0)
        colour = colour * contrast[:, None, None, None] + brightness[:, None, None, None]
        if colour.shape[1] == 3:
            grey = colour.mean(1, keepdim=True)
            colour = grey + (colour - grey) * self.gate(x, torch.exp2(draw()), 1.0)[:, None, None, None]
        return torch.cat([colour, rest], dim=1)
