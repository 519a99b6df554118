"""What is known of R3GAN before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class R3GANParams(Params):
    """Penalties, networks and schedules."""

    latent: int = param(64, "Numbers in the latent vector.", ge=1, le=1024, logarithmic=True)
    width: int = param(
        32, "Channels at the highest resolution, or the width of the networks for points.", ge=8, le=512, logarithmic=True
    )
    depth: int = param(2, "Residual blocks at each resolution, or in all for points.", ge=1, le=8)
    octaves: int = param(
        3, "Of points and rows: octaves of waves that both networks see; more resolve narrower modes.", ge=0, le=8, basic=False
    )
    penalty: float = param(1.0, "Weight of the gradient penalties R1 and R2 at the start.", ge=1e-6, le=1000.0, logarithmic=True)
    penalty_end: float = param(0.1, "Their weight at the end.", ge=1e-6, le=1000.0, logarithmic=True)
    penalty_every: int = param(1, "Steps between penalties; 1 is the paper's.", ge=1, le=64, basic=False)
    learning_rate: float = param(4e-4, "Learning rate of both Adams at the start.", ge=1e-6, le=1e-1, logarithmic=True)
    rate_end: float = param(0.1, "The part of the learning rate that is left at the end.", ge=0.0, le=1.0, basic=False)
    ema: float = param(0.998, "Decay of the averaged generator that samples are made with.", ge=0.0, le=0.99999, basic=False)


R3GAN = GeneratorCard(
    id="r3gan",
    family="gan",
    title="R3GAN",
    summary="Generated and real samples are judged in pairs and both gradients punished: a loss proven to converge locally.",
    papers=(
        Paper(
            title="Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2025",
            url="https://arxiv.org/abs/2501.05441",
        ),
        Paper(title="Jolicoeur-Martineau, The relativistic discriminator (RpGAN), 2018", url="https://arxiv.org/abs/1807.00734"),
        Paper(title="Sun et al., Towards a Better Global Loss Landscape of GANs, 2020", url="https://arxiv.org/abs/2011.04926"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=("One step per sample.", "Covers every mode of the data.", "Converges without tricks."),
    weaknesses=("Both penalties at every step make it slow.", "The penalty has to suit the data.", "No likelihood."),
    presets={
        "toy": {
            "latent": 2, "width": 64, "depth": 3, "steps": 18000, "batch_size": 128, "octaves": 5,
            "penalty": 0.05, "penalty_end": 1e-3, "penalty_every": 4, "learning_rate": 2e-3, "rate_end": 0.02,
        },
        "digits": {"width": 32, "steps": 4000, "batch_size": 64},
        "emoji": {"width": 48, "depth": 1, "steps": 8000, "batch_size": 64, "penalty": 2.0, "penalty_end": 0.2},
        "GPU": {"width": 128, "latent": 64, "steps": 60000, "batch_size": 256, "learning_rate": 2e-4, "ema": 0.9995},
    },
    params=R3GANParams,
    implementation="studio_gan.r3gan:R3GAN",
)  # fmt: skip
