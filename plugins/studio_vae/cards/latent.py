"""Parameters that all models with a latent vector have."""

from typing import Literal

from studio.api import Params, param


class LatentParams(Params):
    """Size of the latent space and of the networks."""

    latent: int = param(16, "Numbers in the latent vector.", ge=1, le=1024, logarithmic=True)
    width: int = param(
        32, "Channels after the first halving, or the width of the network for points.", ge=8, le=512, logarithmic=True
    )
    depth: int = param(2, "Residual blocks for points.", ge=1, le=8, basic=False)
    learning_rate: float = param(1e-3, "Learning rate of AdamW.", ge=1e-6, le=1e-1, logarithmic=True)


class LikelihoodParams(LatentParams):
    """The same with a learned output deviation."""

    output_deviation: Literal["shared", "pixelwise"] = param(
        "shared",
        "One learned deviation for a whole picture gives better samples, one for each pixel a better likelihood.",
        basic=False,
    )
