"""What is known of IWAE before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .latent import LikelihoodParams


class IWAEParams(LikelihoodParams):
    """Size of the latent space and of the networks, and the number of draws."""

    importance_samples: int = param(
        8, "Latents drawn for each sample: the bound is tighter with more, and a step dearer.", ge=1, le=128, logarithmic=True
    )


IWAE = GeneratorCard(
    id="iwae",
    family="vae",
    title="IWAE",
    summary="A VAE trained on a tighter bound: several guesses of the latent share the task of explaining a sample.",
    papers=(Paper(title="Burda et al., Importance Weighted Autoencoders, 2015", url="https://arxiv.org/abs/1509.00519"),),
    accepts=("points", "table", "image"),
    conditional=True,
    provides=("autoencoder",),
    strengths=("A tighter bound of the likelihood than a VAE's.", "Uses more of its latents.", "One step per sample."),
    weaknesses=(
        "A training step costs as many decodings as there are draws.",
        "The encoder's gradient gets noisier with more draws, and its single posterior less exact.",
    ),
    presets={
        "toy": {"latent": 2, "width": 128, "depth": 3, "steps": 2000, "batch_size": 128},
        "digits": {"latent": 16, "width": 32, "steps": 2000, "batch_size": 32},
        "emoji": {"latent": 64, "width": 48, "importance_samples": 4, "steps": 4000, "batch_size": 32},
        "GPU": {"latent": 128, "width": 128, "importance_samples": 50, "steps": 20000, "batch_size": 128},
    },
    params=IWAEParams,
    implementation="studio_vae.iwae:IWAE",
)
