"""What is known of VAE before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .latent import LikelihoodParams


class VAEParams(LikelihoodParams):
    """Size of the latent space and of the networks, and how the KL term grows in."""

    warm_up: float = param(
        0.1, "Share of the budget over which the KL term grows to its full weight.", ge=0.0, le=1.0, basic=False
    )


VAE = GeneratorCard(
    id="vae",
    family="vae",
    title="VAE",
    summary="Compresses each sample into a few numbers with a smooth space around them, and decodes points of that space.",
    papers=(
        Paper(title="Kingma and Welling, Auto-Encoding Variational Bayes, 2013", url="https://arxiv.org/abs/1312.6114"),
        Paper(
            title="Rybkin et al., Simple and Effective VAE Training with Calibrated Decoders, 2020",
            url="https://arxiv.org/abs/2006.13202",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    provides=("autoencoder",),
    strengths=("One step per sample.", "A latent space to interpolate in.", "A lower bound of the likelihood."),
    weaknesses=("Pictures tend to be soft.", "The bound may leave latents unused."),
    presets={
        "toy": {"latent": 2, "width": 128, "depth": 3, "steps": 2000, "batch_size": 256},
        "digits": {"latent": 16, "width": 32, "steps": 3000, "batch_size": 64},
        "emoji": {"latent": 64, "width": 48, "steps": 6000, "batch_size": 64},
        "GPU": {"latent": 128, "width": 128, "steps": 20000, "batch_size": 256},
    },
    params=VAEParams,
    implementation="studio_vae.vae:VAE",
)
