"""What both consistency methods let a user choose of the network and its samples."""

from typing import Any

from studio.api import Params, param


def bend(default: float) -> Any:
    """The loss's bend as a parameter with this default."""
    return param(
        default,
        "Where the loss turns from squared to absolute, per square root of a sample's numbers.",
        ge=0.0,
        le=10.0,
        basic=False,
    )


class NetworkParams(Params):
    """Network, learning rate and noise levels."""

    width: int = param(
        32, "Channels at full resolution, or the width for points; a teacher of the same kind brings its own network.",
        ge=8, le=512, logarithmic=True,
    )  # fmt: skip
    depth: int = param(1, "Residual blocks at each resolution.", ge=1, le=8)
    patch: int = param(1, "Pixels per side handled as one; 2 makes pictures four times as cheap.", ge=1, le=8, basic=False)
    learning_rate: float = param(
        4e-4, "Highest learning rate; it falls while training goes on.", ge=1e-6, le=1e-1, logarithmic=True
    )
    ema: float = param(0.995, "Decay of the averaged weights that samples are made with.", ge=0.0, le=0.99999, basic=False)
    sigma_data: float = param(0.5, "Standard deviation of the data, which sets the preconditioning.", ge=0.05, le=10, basic=False)
    imitation: float = param(
        0.25, "Share of the budget that first imitates a teacher whose weights cannot be taken over.", ge=0.0, le=0.9, basic=False
    )
    huber: float = bend(0.00054)
