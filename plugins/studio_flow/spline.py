"""Neural spline flow: couplings whose function is a monotone rational-quadratic spline."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from studio.api import Image, Points, Signature, Table
from studio.kit.generator import require

from .cards.spline import SplineParams
from .coupling import Coupling
from .invertible_linear import InvertibleLinear
from .normalizing_flow import CONTEXT, NormalizingFlow
from .pictures import multi_scale
from .rational_quadratic import RationalQuadratic
from .transform import ActNorm, Chain, Transform

MOST_BINS = 64


class Spline(NormalizingFlow):
    """Spline couplings of one half and then the other, with an invertible linear map between where there are more than two.

    Pictures go through them at several scales. First each of their pixels is bent by a spline that depends on nothing, with a
    piece for each level: the paper's unconditional transform, here set by the first batch.

    Source: Durkan et al., Neural Spline Flows, 2019, https://arxiv.org/abs/1906.04032
    """

    def __init__(self, signature: Signature, params: SplineParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Points, Table, Image)
        sizes = {"width": params.width, "depth": params.depth, "context": CONTEXT if signature.classes else 0}

        def coupling(shape: tuple[int, ...], k: int = 0) -> Transform:
            return Coupling(shape, RationalQuadratic(params.bins, params.bound), swap=k % 2 == 1, **sizes)

        def steps(shape: tuple[int, ...]) -> Transform:
            mixed = [
                part
                for k in range(params.couplings)
                for part in ((InvertibleLinear(shape), coupling(shape, k)) if k and shape[0] > 2 else (coupling(shape, k),))
            ]
            return Chain(ActNorm(shape), *mixed)

        space = signature.space
        if isinstance(space, Image):
            bijection: Transform = Chain(level_splines(space), multi_scale(space, params.scales, steps, coupling))
        else:
            bijection = steps(space.shape)
        super().__init__(signature, params, bijection)


def level_splines(space: Image) -> Transform:
    """A spline for each pixel, with a piece for each level as far as there are at most 64."""
    return Marginals(space.shape, RationalQuadratic(min(MOST_BINS, space.levels), 1 + 1 / (space.levels - 1)))


class Marginals(Transform):
    """Bends each number of a sample by a spline of its own, which the first batch sets so that numbers come out about normal.

    Args:
        shape: of a sample.
    """

    def __init__(self, shape: tuple[int, ...], spline: RationalQuadratic) -> None:
        super().__init__()
        self.spline = spline
        self.curves = nn.Parameter(torch.zeros(1, *shape, spline.count))

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        z, log_slope = self.spline(x, self.curves)
        return z, log_slope.flatten(1).sum(1)

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        return self.spline.inverse(z, self.curves)

    @torch.no_grad()
    def initialise(self, x: Tensor, context: Tensor | None) -> None:
        self.curves.copy_(self.spline.equalised(x)[None])
