"""What the methods have in common that turn pictures into codes and then learn the codes."""

from typing import Literal

from studio.api import Paper, Params, Slot, param


class TwoStageParams(Params):
    """The codes, the networks between pictures and codes, and the prior."""

    quantizer: Literal["vq", "fsq"] = param("vq", "A learned codebook (VQ), or a fixed grid of rounded numbers (FSQ).")
    codes: int = param(
        512, "Entries of the codebook.", ge=2, le=65536, logarithmic=True, shown_when={"quantizer": "vq"}
    )  # fmt: skip
    code_width: int = param(
        8, "Numbers in an entry.", ge=1, le=256, logarithmic=True, basic=False, shown_when={"quantizer": "vq"}
    )
    commitment: float = param(
        0.25, "How strongly the encoder keeps near the entries.", ge=0.0, le=10.0, basic=False, shown_when={"quantizer": "vq"}
    )
    decay: float = param(
        0.99, "Share of an entry's running mean kept at each step; nearer to 1 for many codes and small batches.",
        ge=0.5, le=0.9999, basic=False, shown_when={"quantizer": "vq"},
    )  # fmt: skip
    levels: str = param(
        "8,5,5,5", "Levels that each number is rounded to, at least 3; there are as many codes as their product.",
        shown_when={"quantizer": "fsq"},
    )  # fmt: skip
    halvings: int = param(2, "How often the sides are halved: 2 makes 32x32 pixels 8x8 codes.", ge=1, le=4)
    width: int = param(
        48, "Channels of the autoencoder after the first halving; twice as many after the others.", ge=8, le=512, logarithmic=True
    )
    depth: int = param(1, "Residual blocks of the autoencoder at each resolution.", ge=1, le=4, basic=False)
    tokenizer_rate: float = param(2e-3, "Learning rate of the autoencoder.", ge=1e-6, le=1e-1, logarithmic=True, basic=False)
    tokenizer_share: float = param(
        0.5, "Share of the steps for the autoencoder, where no trained tokenizer is chosen as an input.", ge=0.05, le=0.95
    )
    mirror: bool = param(False, "Whether the autoencoder also sees pictures mirrored; the prior never does.")
    prior_width: int = param(128, "Size of a code's vector in the prior.", ge=16, le=2048, logarithmic=True)
    prior_layers: int = param(4, "Blocks of attention and perceptron in the prior.", ge=1, le=48)
    prior_heads: int = param(4, "Attention heads of the prior; must divide its width.", ge=1, le=32, basic=False)
    dropout: float = param(0.1, "Share of the prior's activations dropped while training.", ge=0.0, le=0.6)
    learning_rate: float = param(
        2e-3, "Highest learning rate of the prior, after 100 steps of warm-up.", ge=1e-6, le=1e-1, logarithmic=True
    )
    final_rate: float = param(
        0.1, "The prior's learning rate at the end, as a share of the highest.", ge=0.0, le=1.0, basic=False
    )  # fmt: skip
    weight_decay: float = param(0.1, "Pull of the prior's matrices towards zero.", ge=0.0, le=1.0, basic=False)


TOKENIZER = Slot(name="tokenizer", provides="tokenizer", optional=True)
FSQ = Paper(title="Mentzer et al., Finite Scalar Quantization: VQ-VAE Made Simple, 2023", url="https://arxiv.org/abs/2309.15505")
JUKEBOX = Paper(title="Dhariwal et al., Jukebox (revival of dead codes), 2020", url="https://arxiv.org/abs/2005.00341")
