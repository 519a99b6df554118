"""Parameters that every state-space model of the family has."""

from studio.api import Params, param


class StateSpaceParams(Params):
    """Size of the network, of what it reads while training, and of what it writes."""

    context: int = param(64, "Tokens of a text in a training window.", ge=8, le=8192, logarithmic=True)
    longest: int = param(
        512, "Tokens of a text that is written, prompt included; the memory of a step does not depend on it.",
        ge=8, le=65536, logarithmic=True, basic=False,
    )  # fmt: skip
    width: int = param(128, "Size of a token's vector.", ge=16, le=2048, logarithmic=True)
    layers: int = param(4, "Blocks; two have about the weights of one block of a transformer.", ge=1, le=96)
    expand: int = param(2, "Channels inside a block, as a multiple of the width.", ge=1, le=4, basic=False)
    kernel: int = param(4, "Tokens that the convolution before the state space sees.", ge=2, le=8, basic=False)
    colours: int = param(
        256, "Colours of the palette that coloured pictures are read with; levels of grey are read as they are.",
        ge=2, le=4096, logarithmic=True,
    )  # fmt: skip
    learning_rate: float = param(2e-3, "Highest learning rate, after 100 steps of warm-up.", ge=1e-6, le=1e-1, logarithmic=True)
    final_rate: float = param(0.1, "Learning rate at the end, as a share of the highest.", ge=0.0, le=1.0, basic=False)
    weight_decay: float = param(0.1, "Pull of the matrices towards zero.", ge=0.0, le=1.0, basic=False)
