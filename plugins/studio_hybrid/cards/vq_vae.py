"""What is known of the VQ-VAE before its code is imported."""

from studio.api import GeneratorCard, Paper

from .two_stages import FSQ, JUKEBOX, TOKENIZER, TwoStageParams


class VQVAEParams(TwoStageParams):
    """As they are."""


VQ_VAE = GeneratorCard(
    id="vq_vae",
    family="hybrid",
    title="VQ-VAE and transformer",
    summary="Squeezes pictures into a few symbols of a finite alphabet; a transformer writes new ones as it would a text.",
    papers=(
        Paper(
            title="van den Oord et al., Neural Discrete Representation Learning, 2017", url="https://arxiv.org/abs/1711.00937"
        ),
        FSQ,
        JUKEBOX,
    ),
    accepts=("image",),
    conditional=True,
    provides=("tokenizer",),
    inputs=(TOKENIZER,),
    strengths=(
        "The prior sees few symbols instead of many pixels.",
        "No adversary: both stages learn steadily.",
        "Completes a picture whose upper part is given.",
    ),
    weaknesses=(
        "What the codes do not hold is lost, and fine texture comes out smooth.",
        "One step for each code, in raster order.",
        "With little data the prior learns its pictures by heart.",
    ),
    presets={
        "toy": {"codes": 64, "halvings": 1, "width": 16, "prior_width": 64, "prior_layers": 2, "steps": 1000, "batch_size": 16},
        "digits": {"codes": 128, "halvings": 1, "width": 32, "prior_width": 64, "steps": 3000, "batch_size": 32},
        "emoji": {"codes": 4096, "decay": 0.995, "mirror": True, "tokenizer_share": 0.65, "steps": 10000, "batch_size": 8},
        "GPU": {
            "codes": 1024, "width": 128, "depth": 2, "prior_width": 512, "prior_layers": 12, "prior_heads": 8, "dropout": 0.2,
            "tokenizer_rate": 5e-4, "learning_rate": 5e-4, "steps": 40000, "batch_size": 128,
        },
    },
    params=VQVAEParams,
    implementation="studio_hybrid.vq_vae:VQVAE",
)  # fmt: skip
