"""What is known of BigGAN before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class BigGANParams(Params):
    """Networks, regularisation and learning rate."""

    latent: int = param(80, "Numbers in the latent vector, shared out among the layers.", ge=8, le=1024, logarithmic=True)
    width: int = param(32, "Channels at the highest resolution.", ge=8, le=512, logarithmic=True)
    orthogonal: float = param(
        1e-4, "How strongly the generator's weights are kept orthogonal, which makes truncation possible.", ge=0.0, le=1.0
    )  # fmt: skip
    critic_steps: int = param(2, "Steps of the discriminator for one of the generator; every step counts as one.", ge=1, le=20)
    learning_rate: float = param(5e-4, "Learning rate of the generator.", ge=1e-6, le=1e-1, logarithmic=True)
    critic_learning_rate: float = param(1e-3, "Learning rate of the discriminator.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged generator that samples are made with.", ge=0.0, le=0.99999, basic=False)


BIGGAN = GeneratorCard(
    id="biggan",
    family="gan",
    title="BigGAN",
    summary="A GAN made for many classes at scale; one number trades variety for quality after training.",
    papers=(
        Paper(
            title="Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2018",
            url="https://arxiv.org/abs/1809.11096",
        ),
        Paper(title="Miyato and Koyama, cGANs with Projection Discriminator, 2018", url="https://arxiv.org/abs/1802.05637"),
        Paper(title="Zhang et al., Self-Attention GANs, 2018", url="https://arxiv.org/abs/1805.08318"),
    ),
    accepts=("image",),
    conditional=True,
    strengths=("One step per sample.", "Strong with many classes.", "Truncation trades variety for quality smoothly."),
    weaknesses=("Wants large batches and networks.", "Training may collapse late: keep the best checkpoint.", "No likelihood."),
    presets={
        "toy": {"width": 16, "latent": 32, "steps": 2000, "batch_size": 64},
        "digits": {"width": 32, "latent": 48, "steps": 6000, "batch_size": 64},
        "emoji": {"width": 32, "latent": 80, "steps": 16000, "batch_size": 64},
        "GPU": {
            "width": 96,
            "latent": 128,
            "steps": 100000,
            "batch_size": 512,
            "ema": 0.9999,
            "learning_rate": 5e-5,
            "critic_learning_rate": 2e-4,
        },
    },
    params=BigGANParams,
    implementation="studio_gan.biggan:BigGAN",
)
