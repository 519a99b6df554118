"""What is known of the denoising diffusion GAN before its code is imported."""

from typing import Literal

from studio.api import GeneratorCard, Paper, Params, param


class DiffusionGANParams(Params):
    """Steps, networks and penalties."""

    timesteps: int = param(4, "Denoising steps, each a draw of the generator.", ge=1, le=16)
    spacing: float = param(
        1.0, "Power of the steps' times: 1 is the paper's; more makes the steps near the data smaller, so that the choice of a "
        "narrow mode is spread over steps.", ge=1.0, le=5.0, basic=False,
    )  # fmt: skip
    loss: Literal["non-saturating", "relativistic"] = param(
        "non-saturating", "How the networks compete: the paper's loss, or R3GAN's, which is not this paper's and judges real "
        "and generated steps in pairs, with both slopes punished.",
    )  # fmt: skip
    latent: int = param(32, "Numbers in the latent vector that each step draws.", ge=1, le=512, logarithmic=True)
    width: int = param(
        32, "Channels at full resolution, or the width of the networks for points.", ge=8, le=512, logarithmic=True
    )
    depth: int = param(2, "Residual blocks at each resolution.", ge=1, le=8)
    octaves: int = param(
        3, "Of points and rows: octaves of waves that the generator sees; more resolve narrower modes.", ge=0, le=8, basic=False
    )
    patch: int = param(1, "Pixels per side handled as one; 2 makes pictures four times as cheap.", ge=1, le=8, basic=False)
    penalty: float = param(
        0.05, "Weight of R1, the squared slope of the discriminator on real steps (relativistic: and on generated ones).", ge=0.0,
        le=1000.0, basic=False,
    )  # fmt: skip
    penalty_left: float = param(
        1.0, "Share of that weight left at the end; it falls evenly in its logarithm, and less is sharper.", ge=1e-4, le=1.0,
        basic=False, logarithmic=True,
    )  # fmt: skip
    penalty_every: int = param(4, "Steps between penalties.", ge=1, le=64, basic=False)
    learning_rate: float = param(5e-4, "Learning rate of both Adams.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.998, "Decay of the averaged generator that samples are made with.", ge=0.0, le=0.99999, basic=False)


DIFFUSION_GAN = GeneratorCard(
    id="diffusion_gan",
    family="hybrid",
    title="Denoising diffusion GAN",
    summary="Diffusion in four large steps: a GAN draws each step, because a Gaussian is too simple for steps that large.",
    papers=(
        Paper(
            title="Xiao et al., Tackling the Generative Learning Trilemma with Denoising Diffusion GANs, 2021",
            url="https://arxiv.org/abs/2112.07804",
        ),
        Paper(
            title="Mescheder et al., Which Training Methods for GANs do actually Converge? (R1), 2018",
            url="https://arxiv.org/abs/1801.04406",
        ),
        Paper(
            title="Huang et al., The GAN is dead; long live the GAN! (the relativistic loss, and penalties that fall), 2024",
            url="https://arxiv.org/abs/2501.05441",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=("Four network evaluations a sample.", "Covers the data better than a GAN of one step.", "Sharp samples."),
    weaknesses=("Two networks trained against each other.", "No likelihood.", "The number of steps is fixed by the training."),
    presets={
        "toy": {
            "width": 96,
            "depth": 2,
            "latent": 4,
            "learning_rate": 1e-3,
            "penalty": 0.2,
            "penalty_left": 0.01,
            "steps": 11000,
            "batch_size": 128,
        },
        "digits": {"width": 32, "depth": 1, "steps": 4000, "batch_size": 64},
        "emoji": {"width": 48, "depth": 1, "patch": 2, "steps": 8000, "batch_size": 64},
        "GPU": {"width": 96, "depth": 2, "latent": 100, "steps": 40000, "batch_size": 256, "ema": 0.999},
    },
    params=DiffusionGANParams,
    implementation="studio_hybrid.diffusion_gan:DiffusionGAN",
)
