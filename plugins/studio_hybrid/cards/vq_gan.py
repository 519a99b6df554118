"""What is known of the VQGAN before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .two_stages import FSQ, JUKEBOX, TOKENIZER, TwoStageParams


class VQGANParams(TwoStageParams):
    """With a discriminator of patches."""

    critic_width: int = param(32, "Channels of the discriminator's first layer.", ge=8, le=512, logarithmic=True)
    critic_start: float = param(0.3, "Share of the autoencoder's steps before the discriminator joins in.", ge=0.0, le=1.0)
    critic_weight: float = param(
        0.5, "The discriminator's pull on the decoder's last layer, as a share of the squared error's.", ge=0.0, le=10.0
    )


VQ_GAN = GeneratorCard(
    id="vq_gan",
    family="hybrid",
    title="VQGAN and transformer",
    summary="Pictures as a few symbols, with a discriminator that demands crisp patches, and a transformer that writes them.",
    papers=(
        Paper(
            title="Esser et al., Taming Transformers for High-Resolution Image Synthesis, 2020",
            url="https://arxiv.org/abs/2012.09841",
        ),
        Paper(
            title="Isola et al., Image-to-Image Translation with Conditional Adversarial Networks (patches), 2016",
            url="https://arxiv.org/abs/1611.07004",
        ),
        FSQ,
        JUKEBOX,
    ),
    accepts=("image",),
    conditional=True,
    provides=("tokenizer",),
    inputs=(TOKENIZER,),
    strengths=(
        "Crisper texture than a VQ-VAE's at the same number of codes.",
        "The prior sees few symbols instead of many pixels.",
        "Completes a picture whose upper part is given.",
    ),
    weaknesses=(
        "Invents texture: reconstructions are less exact in decibels.",
        "Two networks trained against each other; without the paper's perceptual loss, which needs a network trained elsewhere.",
        "With little data the prior learns its pictures by heart.",
    ),
    presets={
        "toy": {
            "codes": 64, "halvings": 1, "width": 16, "critic_width": 16, "prior_width": 64, "prior_layers": 2, "steps": 1000,
            "batch_size": 16,
        },
        "digits": {"codes": 128, "halvings": 1, "width": 32, "prior_width": 64, "steps": 3000, "batch_size": 32},
        "emoji": {"codes": 4096, "decay": 0.995, "mirror": True, "tokenizer_share": 0.65, "steps": 10000, "batch_size": 8},
        "GPU": {
            "codes": 1024, "width": 128, "depth": 2, "critic_width": 64, "prior_width": 512, "prior_layers": 12,
            "prior_heads": 8, "dropout": 0.2, "tokenizer_rate": 5e-4, "learning_rate": 5e-4, "steps": 40000, "batch_size": 128,
        },
    },
    params=VQGANParams,
    implementation="studio_hybrid.vq_gan:VQGAN",
)  # fmt: skip
