"""What is known of denoising score matching before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class ScoreMatchingParams(Params):
    """Size of the energy network and the noise levels."""

    width: int = param(64, "Channels at full resolution, or the width of the network for points.", ge=8, le=512, logarithmic=True)
    depth: int = param(2, "Residual blocks, of pictures at each resolution.", ge=1, le=8)
    levels: int = param(16, "Noise levels.", ge=2, le=256, logarithmic=True)
    sigma_min: float = param(
        0.02, "Smallest deviation of the noise: below the finest structure of the data.", ge=0.001, le=1.0, logarithmic=True
    )
    sigma_max: float = param(
        3.0, "Largest deviation of the noise: about the distance between samples.", ge=0.5, le=100.0, logarithmic=True
    )
    learning_rate: float = param(2e-3, "Learning rate of AdamW.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged weights that samples are made with.", ge=0.0, le=0.99999, basic=False)


SCORE_MATCHING = GeneratorCard(
    id="score_matching",
    family="ebm",
    title="Denoising score matching",
    summary="Learns an energy from its slope alone: at a noised sample, downhill is where the clean one lies.",
    papers=(
        Paper(
            title="Vincent, A Connection Between Score Matching and Denoising Autoencoders, 2011",
            url="https://doi.org/10.1162/NECO_a_00142",
        ),
        Paper(
            title="Song and Ermon, Generative Modeling by Estimating Gradients of the Data Distribution, 2019",
            url="https://arxiv.org/abs/1907.05600",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    provides=("energy",),
    strengths=(
        "Stable training without chains or an adversary.",
        "An energy at every noise level, with its exact gradient.",
    ),
    weaknesses=(
        "The share of far-apart modes is seen at high noise only.",
        "A gradient of a gradient makes a step dearer than a diffusion model's.",
        "Many small moves per sample.",
    ),
    presets={
        "toy": {"width": 96, "depth": 3, "sigma_min": 0.03, "steps": 2000, "batch_size": 256},
        "digits": {"width": 32, "depth": 1, "sigma_min": 0.05, "sigma_max": 8.0, "steps": 3000, "batch_size": 64},
        "emoji": {
            "width": 48,
            "depth": 1,
            "sigma_min": 0.05,
            "sigma_max": 20.0,
            "levels": 32,
            "learning_rate": 1e-3,
            "steps": 5000,
            "batch_size": 32,
        },
        "GPU": {
            "width": 128,
            "depth": 2,
            "sigma_min": 0.02,
            "sigma_max": 20.0,
            "levels": 64,
            "learning_rate": 5e-4,
            "ema": 0.9995,
            "steps": 30_000,
            "batch_size": 128,
        },
    },
    params=ScoreMatchingParams,
    implementation="studio_ebm.score_matching:ScoreMatching",
)
