"""What is known of DCGAN before its code is imported."""

from typing import Literal

from studio.api import GeneratorCard, Paper, Params, param


class DCGANParams(Params):
    """Loss, networks and learning rates."""

    latent: int = param(64, "Numbers in the latent vector.", ge=1, le=1024, logarithmic=True)
    width: int = param(
        32, "Channels at the highest resolution, or the width of the networks for points.", ge=8, le=512, logarithmic=True
    )
    depth: int = param(2, "Residual blocks for points.", ge=1, le=8, basic=False)
    loss: Literal["logistic", "hinge"] = param("logistic", "Non-saturating logistic with R1 and R2, or hinge with spectral norm.")
    penalty: float = param(
        1.0, "Weight of the gradient penalties R1 and R2.", ge=0.0, le=1000.0, shown_when={"loss": "logistic"}
    )  # fmt: skip
    penalty_every: int = param(4, "Steps between penalties.", ge=1, le=64, basic=False, shown_when={"loss": "logistic"})
    learning_rate: float = param(5e-4, "Learning rate of both Adams.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged generator that samples are made with.", ge=0.0, le=0.99999, basic=False)


DCGAN = GeneratorCard(
    id="dcgan",
    family="gan",
    title="DCGAN",
    summary="A generator turns noise into samples in one step; a discriminator teaches it by telling them from real ones.",
    papers=(
        Paper(
            title="Radford et al., Unsupervised Representation Learning with Deep Convolutional GANs, 2015",
            url="https://arxiv.org/abs/1511.06434",
        ),
        Paper(
            title="Mescheder et al., Which Training Methods for GANs do actually Converge? (R1, R2), 2018",
            url="https://arxiv.org/abs/1801.04406",
        ),
        Paper(title="Miyato et al., Spectral Normalization for GANs, 2018", url="https://arxiv.org/abs/1802.05957"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=("One step per sample.", "Sharp samples."),
    weaknesses=("May leave out parts of the data.", "Training is a balance that can tip.", "No likelihood."),
    presets={
        "toy": {"latent": 2, "width": 128, "depth": 3, "steps": 4000, "batch_size": 256},
        "digits": {"width": 32, "steps": 4000, "batch_size": 64},
        "emoji": {"width": 48, "latent": 64, "steps": 8000, "batch_size": 64},
        "GPU": {"width": 96, "latent": 128, "steps": 40000, "batch_size": 256, "ema": 0.999},
    },
    params=DCGANParams,
    implementation="studio_gan.dcgan:DCGAN",
)
