"""How likely the level of a quantised pixel is: a logistic whose bins have a closed form without cancellation.

log(sigmoid(b) - sigmoid(a)) = log sigmoid(b) + log sigmoid(-a) + log(1 - exp(a - b)), so that its nats are those of the discrete
picture and bits per dimension need no dequantisation. log sigmoid is written as softplus, which onnxruntime computes without
underflow.
"""

import torch
from torch import Tensor
from torch.nn import functional as F


def discretised_logistic(x: Tensor, mean: Tensor, log_scale: Tensor, levels: int) -> Tensor:
    """Log-probability in nats of each pixel's level, of the shape of `mean`; the outermost bins reach to infinity.

    Args:
        x: pixels in [-1, 1], each on one of `levels` equidistant values.

    Source: Salimans et al., PixelCNN++, 2017, https://arxiv.org/abs/1701.05517

    Example:
        >>> x = torch.linspace(-1, 1, 5)
        >>> discretised_logistic(x, torch.tensor(0.3), torch.tensor(-1.0), 5).exp().sum()
        tensor(1.)
    """
    half = 1 / (levels - 1)
    inverse = (-log_scale).exp()
    above = torch.where(x > 1 - half, torch.zeros_like(mean), -F.softplus(inverse * (mean - x - half)))
    below = torch.where(x < half - 1, torch.zeros_like(mean), -F.softplus(inverse * (x - half - mean)))
    inside = torch.log(-torch.expm1(-2 * half * inverse))
    return above + below + torch.where((x > 1 - half) | (x < half - 1), torch.zeros_like(mean), inside + torch.zeros_like(mean))
