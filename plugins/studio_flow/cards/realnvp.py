"""What is known of Real NVP before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .likelihood import LikelihoodParams


class RealNVPParams(LikelihoodParams):
    """Couplings and their networks."""

    couplings: int = param(4, "Couplings for points; for pictures, of each kind at each scale.", ge=2, le=64)
    width: int = param(64, "Width of the couplings' networks.", ge=8, le=1024, logarithmic=True)
    depth: int = param(1, "Residual blocks of the couplings' networks.", ge=1, le=16)
    scales: int = param(2, "How often pictures are halved, as far as their sides allow.", ge=1, le=6)


REALNVP = GeneratorCard(
    id="realnvp",
    family="flow",
    title="Real NVP",
    summary="Turns data into noise by scaling and shifting half of each sample by what it reads off the other half.",
    papers=(
        Paper(title="Dinh et al., Density estimation using Real NVP, 2016", url="https://arxiv.org/abs/1605.08803"),
        Paper(
            title="Dinh et al., NICE: Non-linear Independent Components Estimation, 2014", url="https://arxiv.org/abs/1410.8516"
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=("Exact likelihood.", "One step per sample, one pass per likelihood.", "Every sample has exactly one latent."),
    weaknesses=(
        "Needs many couplings: each bends its half only by a scale and a shift.",
        "Leaves thin bridges between separate clusters.",
        "Latents are as large as the data.",
    ),
    presets={
        "toy": {"couplings": 8, "width": 64, "steps": 2000, "batch_size": 512, "learning_rate": 5e-3},
        "digits": {"couplings": 4, "width": 32, "steps": 1500, "batch_size": 64},
        "emoji": {"couplings": 4, "width": 64, "scales": 3, "steps": 6000, "batch_size": 64, "ema": 0.999},
        "GPU": {"couplings": 8, "width": 128, "depth": 4, "scales": 3, "steps": 30000, "batch_size": 256, "ema": 0.9995},
    },
    params=RealNVPParams,
    implementation="studio_flow.realnvp:RealNVP",
)
