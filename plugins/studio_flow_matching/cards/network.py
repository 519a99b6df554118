"""Parameters that the methods of the family have in common."""

from studio.api import Params, param


class FieldParams(Params):
    """The network that gives the velocity, and how it is trained."""

    width: int = param(32, "Channels at full resolution, or the width of the network for points.", ge=8, le=512, logarithmic=True)
    depth: int = param(1, "Residual blocks at each resolution.", ge=1, le=8)
    learning_rate: float = param(1e-3, "Learning rate of AdamW.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged weights that samples are made with.", ge=0.0, le=0.99999, basic=False)


class PictureFieldParams(FieldParams):
    """The same, for pictures too."""

    patch: int = param(1, "Pixels per side handled as one; 2 makes pictures four times as cheap.", ge=1, le=8, basic=False)
