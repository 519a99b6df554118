"""What is known of the KL autoencoder before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class KLAutoencoderParams(Params):
    """Size of the latents and of the networks."""

    halvings: int = param(2, "How often the sides are halved: 2 makes 32x32 pixels 8x8 latents.", ge=1, le=4)
    latent_channels: int = param(12, "Numbers at each place of the latents.", ge=1, le=64, logarithmic=True)
    width: int = param(64, "Channels after the first halving; twice as many after the others.", ge=8, le=512, logarithmic=True)
    depth: int = param(1, "Residual blocks at each resolution.", ge=1, le=4)
    kl_weight: float = param(
        1e-6, "Weight of the KL term against the squared error.", ge=0.0, le=1.0, logarithmic=True, basic=False
    )
    learning_rate: float = param(1e-3, "Learning rate of AdamW.", ge=1e-6, le=1e-1, logarithmic=True)


KL_AUTOENCODER = GeneratorCard(
    id="kl_autoencoder",
    family="vae",
    title="KL autoencoder",
    summary="Squeezes pictures into small maps of latents with next to no loss, for other models to learn on.",
    papers=(
        Paper(
            title="Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021",
            url="https://arxiv.org/abs/2112.10752",
        ),
    ),
    accepts=("image",),
    provides=("autoencoder",),
    strengths=("Reconstructs almost perfectly at a fraction of the numbers.", "Latents keep their place in the picture."),
    weaknesses=(
        "On its own it hardly generates: decoded noise is a texture, a model of the latents is needed.",
        "Without a perceptual loss fine texture comes out smooth.",
    ),
    presets={
        "digits": {"halvings": 1, "latent_channels": 4, "width": 32, "steps": 2000, "batch_size": 64},
        "emoji": {"width": 48, "learning_rate": 2e-3, "steps": 5000, "batch_size": 16},
        "GPU": {"width": 128, "depth": 2, "latent_channels": 8, "steps": 20000, "batch_size": 128, "learning_rate": 5e-4},
    },
    params=KLAutoencoderParams,
    implementation="studio_vae.kl_autoencoder:KLAutoencoder",
)
