"""Parameters of training by exact likelihood, which all flows share."""

from studio.api import Params, param


class LikelihoodParams(Params):
    """Optimiser, averaging and class dropping."""

    learning_rate: float = param(1e-3, "Highest learning rate of AdamW; it falls to zero.", ge=1e-6, le=1e-1, logarithmic=True)
    weight_decay: float = param(0.0, "Pull of the weights towards zero, against overfitting.", ge=0.0, le=1.0, basic=False)
    clip: float = param(5.0, "Largest norm of the gradient.", ge=1e-3, le=1e3, logarithmic=True, basic=False)
    ema: float = param(0.99, "Decay of the averaged weights that samples and scores use.", ge=0.0, le=0.99999, basic=False)
    class_dropout: float = param(
        0.2, "Share of samples whose class is hidden, from which the density of 'any' class is learned.",
        ge=0.0, le=1.0, basic=False,
    )  # fmt: skip
