"""Glow: activation normalisation, invertible 1x1 convolutions and affine couplings."""

from collections.abc import Mapping

from torch import nn

from studio.api import Image, Points, Signature, Table
from studio.kit.generator import require

from .affine import SigmoidAffine
from .cards.glow import GlowParams
from .coupling import Coupling
from .invertible_linear import InvertibleLinear
from .normalizing_flow import CONTEXT, NormalizingFlow
from .pictures import multi_scale
from .transform import ActNorm, Chain, Transform


class Glow(NormalizingFlow):
    """Steps of ActNorm, an invertible 1x1 convolution and an affine coupling, at several scales for pictures.

    Half of the channels leave after each scale; what is finished is a Gaussian whose mean and scale are read off the rest.

    Source: Kingma and Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, 2018, https://arxiv.org/abs/1807.03039
    """

    def __init__(self, signature: Signature, params: GlowParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Points, Table, Image)
        sizes = {"width": params.width, "depth": params.depth, "context": CONTEXT if signature.classes else 0}

        def coupling(shape: tuple[int, ...]) -> Transform:
            return Coupling(shape, SigmoidAffine(), swap=False, **sizes)

        def steps(shape: tuple[int, ...]) -> Transform:
            return Chain(
                *(part for _ in range(params.flow_steps) for part in (ActNorm(shape), InvertibleLinear(shape), coupling(shape)))
            )

        space = signature.space
        several = isinstance(space, Image)
        bijection = multi_scale(space, params.scales, steps, coupling) if several else steps(space.shape)
        super().__init__(signature, params, bijection)
