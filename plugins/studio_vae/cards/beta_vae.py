"""What is known of beta-VAE before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .latent import LatentParams


class BetaVAEParams(LatentParams):
    """Size of the latent space and of the networks, and how tightly the latent is held."""

    beta: float = param(
        4.0, "Weight of the KL term; above 1 latents separate and detail is lost.", ge=0.0, le=1000.0, logarithmic=True
    )
    capacity: float = param(
        0.0, "Nats that the latent is led to carry, grown in over half the budget; 0 pulls the KL term to zero instead.",
        ge=0.0, le=1000.0, unit="nats",
    )  # fmt: skip
    output_deviation: float = param(
        0.3, "Fixed deviation of what is decoded, which gives beta its scale.", ge=0.01, le=2.0, logarithmic=True, basic=False
    )


BETA_VAE = GeneratorCard(
    id="beta_vae",
    family="vae",
    title="β-VAE",
    summary="A VAE that must explain the data with as few latents as it can, so that each comes to mean one thing.",
    papers=(
        Paper(
            title="Higgins et al., beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework, 2017",
            url="https://openreview.net/forum?id=Sy2fzU9gl",
        ),
        Paper(title="Burgess et al., Understanding disentangling in beta-VAE, 2018", url="https://arxiv.org/abs/1804.03599"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    provides=("autoencoder",),
    strengths=("Latents that tend to mean one thing each, to be moved one by one.", "One step per sample."),
    weaknesses=("Softer pictures than a VAE's.", "Whether latents come apart varies with the seed and beta."),
    presets={
        "toy": {"latent": 2, "width": 128, "depth": 3, "output_deviation": 0.1, "steps": 2000, "batch_size": 256},
        "digits": {"latent": 10, "width": 32, "steps": 3000, "batch_size": 64},
        "emoji": {"latent": 32, "width": 48, "beta": 20.0, "capacity": 60.0, "steps": 6000, "batch_size": 64},
        "GPU": {"latent": 32, "width": 128, "beta": 20.0, "capacity": 80.0, "steps": 20000, "batch_size": 256},
    },
    params=BetaVAEParams,
    implementation="studio_vae.beta_vae:BetaVAE",
)
