"""What is known of StyleGAN before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class StyleGANParams(Params):
    """Networks, regularisation and augmentation."""

    latent: int = param(64, "Numbers in the latent vector.", ge=1, le=1024, logarithmic=True)
    style: int = param(64, "Numbers in a style.", ge=2, le=1024, logarithmic=True)
    mapping: int = param(2, "Layers from latents to styles.", ge=1, le=8)
    width: int = param(
        32, "Channels at the highest resolution, or the width of the networks for points.", ge=8, le=512, logarithmic=True
    )
    depth: int = param(2, "Blocks of two layers for points.", ge=1, le=8, basic=False)
    mixing: float = param(0.5, "Share of samples that are trained with the styles of two latents.", ge=0.0, le=1.0)
    penalty: float = param(1.0, "Weight of the gradient penalty R1.", ge=0.0, le=1000.0)
    penalty_every: int = param(16, "Steps between gradient penalties.", ge=1, le=64, basic=False)
    path_length: float = param(
        2.0, "Weight of the path length penalty, which straightens the style space; 0 is none.", ge=0, le=100
    )
    path_every: int = param(8, "Steps between path length penalties.", ge=1, le=64, basic=False)
    augment: float = param(0.6, "Overfitting of the discriminator at which pictures are augmented more; 0 is never.", ge=0, le=1)
    augment_images: float = param(
        50_000, "Pictures in which augmentation may go from never to always.", ge=100, le=1e7, logarithmic=True, basic=False
    )
    learning_rate: float = param(2.5e-3, "Learning rate of both Adams.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged generator and of the mean styles.", ge=0.0, le=0.99999, basic=False)


STYLEGAN = GeneratorCard(
    id="stylegan",
    family="gan",
    title="StyleGAN",
    summary="A network turns noise into a style that steers every layer, so that coarse and fine features can be mixed.",
    papers=(
        Paper(title="Karras et al., A Style-Based Generator Architecture for GANs, 2018", url="https://arxiv.org/abs/1812.04948"),
        Paper(
            title="Karras et al., Analyzing and Improving the Image Quality of StyleGAN, 2019",
            url="https://arxiv.org/abs/1912.04958",
        ),
        Paper(
            title="Karras et al., Training Generative Adversarial Networks with Limited Data, 2020",
            url="https://arxiv.org/abs/2006.06676",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=(
        "One step per sample.",
        "Coarse and fine features are separate: styles can be mixed.",
        "A smooth latent space, with variety to trade for quality.",
        "Learns from few pictures by adaptive augmentation.",
    ),
    weaknesses=("Best on pictures of one kind.", "Many parts to tune.", "May leave out parts of the data.", "No likelihood."),
    presets={
        "toy": {"latent": 2, "width": 96, "depth": 3, "steps": 4000, "batch_size": 256, "penalty": 0.1, "penalty_every": 4},
        "digits": {"width": 32, "steps": 4000, "batch_size": 64},
        "emoji": {"width": 32, "steps": 8000, "batch_size": 32, "path_length": 0.0, "mixing": 0.3},
        "GPU": {
            "width": 128, "latent": 512, "style": 512, "steps": 60000, "batch_size": 128, "ema": 0.999, "augment_images": 500_000,
        },
    },
    params=StyleGANParams,
    implementation="studio_gan.stylegan:StyleGAN",
)  # fmt: skip
