"""What is known of WGAN-GP before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class WGANGPParams(Params):
    """Penalty, networks and learning rates."""

    latent: int = param(64, "Numbers in the latent vector.", ge=1, le=1024, logarithmic=True)
    width: int = param(
        32, "Channels at the highest resolution, or the width of the networks for points.", ge=8, le=512, logarithmic=True
    )
    depth: int = param(2, "Residual blocks for points.", ge=1, le=8, basic=False)
    penalty: float = param(10.0, "How strictly the critic's slope is held at one.", ge=0.0, le=1000.0)
    critic_steps: int = param(5, "Steps of the critic for one of the generator; every step counts as one.", ge=1, le=20)
    learning_rate: float = param(3e-4, "Learning rate of both Adams.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged generator that samples are made with.", ge=0.0, le=0.99999, basic=False)


WGAN_GP = GeneratorCard(
    id="wgan_gp",
    family="gan",
    title="WGAN-GP",
    summary="A critic measures how far generated samples must be moved to become real ones; the generator shortens the way.",
    papers=(
        Paper(title="Gulrajani et al., Improved Training of Wasserstein GANs, 2017", url="https://arxiv.org/abs/1704.00028"),
        Paper(title="Arjovsky et al., Wasserstein GAN, 2017", url="https://arxiv.org/abs/1701.07875"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=(
        "One step per sample.",
        "The gap is a distance that falls as samples improve.",
        "Trains with many architectures without tuning.",
    ),
    weaknesses=("Several critic steps for each of the generator make it slow.", "Less sharp than newer GANs.", "No likelihood."),
    presets={
        "toy": {"latent": 2, "width": 128, "depth": 3, "steps": 10000, "batch_size": 256, "penalty": 0.1},
        "digits": {"width": 32, "steps": 10000, "batch_size": 64},
        "emoji": {"width": 48, "latent": 64, "steps": 20000, "batch_size": 64},
        "GPU": {"width": 96, "latent": 128, "steps": 100000, "batch_size": 256, "learning_rate": 1e-4, "ema": 0.999},
    },
    params=WGANGPParams,
    implementation="studio_gan.wgan_gp:WGANGP",
)
