"""Real NVP: affine couplings with checkerboard and channel masks."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from studio.api import Image, Points, Signature, Table
from studio.kit.generator import require

from .affine import TanhAffine
from .cards.realnvp import RealNVPParams
from .coupling import Coupling, PictureConditioner, split_parameters
from .normalizing_flow import CONTEXT, NormalizingFlow
from .pictures import FactorOut, Flatten, Squeeze, scales
from .transform import ActNorm, Chain, Transform


class RealNVP(NormalizingFlow):
    """Affine couplings; of pictures in checkerboards, then in channels after each squeeze, with half factored out.

    The paper's batch norm between couplings is replaced by ActNorm, which is exact in training and when sampling alike.

    Source: Dinh et al., Density estimation using Real NVP, 2016, https://arxiv.org/abs/1605.08803
    """

    def __init__(self, signature: Signature, params: RealNVPParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Points, Table, Image)
        sizes = {"width": params.width, "depth": params.depth, "context": CONTEXT if signature.classes else 0}

        def channelwise(shape: tuple[int, ...]) -> Transform:
            couplings = [Coupling(shape, TanhAffine(), swap=k % 2 == 1, **sizes) for k in range(params.couplings)]
            return Chain(*(part for coupling in couplings for part in (coupling, ActNorm(shape))))

        def checkered(shape: tuple[int, int, int]) -> Transform:
            couplings = [Checkerboard(shape, swap=k % 2 == 1, **sizes) for k in range(params.couplings)]
            return Chain(ActNorm(shape), *(part for coupling in couplings for part in (coupling, ActNorm(shape))))

        def scale(shape: tuple[int, int, int], left: int) -> Transform:
            if not left:
                return Chain(checkered(shape), Flatten(shape))
            channels, height, width = folded = (4 * shape[0], shape[1] // 2, shape[2] // 2)
            rest = scale((channels // 2, height, width), left - 1)
            return Chain(checkered(shape), Squeeze(), FactorOut(folded, channelwise(folded), rest))

        space = signature.space
        if isinstance(space, Image):
            bijection = scale((space.channels, space.height, space.width), scales(space, params.scales))
        else:
            bijection = Chain(ActNorm(space.shape), channelwise(space.shape))
        super().__init__(signature, params, bijection)


class Checkerboard(Transform):
    """An affine coupling of the pixels of one colour given those of the other.

    Its network also sees which pixels are given.

    Args:
        shape: of a sample, (channels, height, width).
        swap: which colour is transformed.
    """

    def __init__(self, shape: tuple[int, int, int], *, swap: bool, width: int, depth: int, context: int) -> None:
        super().__init__()
        row, column = torch.arange(shape[1])[:, None], torch.arange(shape[2])
        self.register_buffer("given", ((row + column + swap) % 2).float(), persistent=False)
        self.given: Tensor
        self.function = TanhAffine()
        self.channels = shape[0]
        self.network = PictureConditioner(shape[0] + 1, 2 * shape[0], width, depth, context)

    def parameters_for(self, x: Tensor, context: Tensor | None) -> Tensor:
        """Zero where pixels are given, which leaves them as they are."""
        seen = torch.cat([x * self.given, self.given.expand_as(x[:, :1])], dim=1)
        return split_parameters(self.network(seen, context), self.channels, 2) * (1 - self.given)[..., None]

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        z, log_slope = self.function(x, self.parameters_for(x, context))
        return z, log_slope.flatten(1).sum(1)

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        return self.function.inverse(z, self.parameters_for(z, context))
