"""What is known of MAF before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .likelihood import LikelihoodParams


class MAFParams(LikelihoodParams):
    """Layers and their masked networks."""

    layers: int = param(6, "Autoregressive layers, each in the reversed order of the one before.", ge=1, le=32)
    width: int = param(128, "Width of the masked networks.", ge=8, le=4096, logarithmic=True)
    depth: int = param(2, "Hidden layers of each masked network.", ge=1, le=8)


MAF = GeneratorCard(
    id="maf",
    family="flow",
    title="Masked autoregressive flow",
    summary="Predicts each number's mean and scale from those before it, layer upon layer; one pass a likelihood, many a sample.",
    papers=(
        Paper(
            title="Papamakarios et al., Masked Autoregressive Flow for Density Estimation, 2017",
            url="https://arxiv.org/abs/1705.07057",
        ),
        Paper(
            title="Germain et al., MADE: Masked Autoencoder for Distribution Estimation, 2015",
            url="https://arxiv.org/abs/1502.03509",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=("Exact likelihood in one pass.", "Dense estimates of tables and points.", "Needs no split of the sample."),
    weaknesses=(
        "A sample takes one step for each number and layer.",
        "Ignores that pixels have neighbours.",
        "The order matters.",
    ),
    presets={
        "toy": {"layers": 8, "width": 64, "steps": 2000, "batch_size": 512, "learning_rate": 5e-3},
        "digits": {"layers": 4, "width": 256, "steps": 1500, "batch_size": 64},
        "emoji": {"layers": 2, "width": 1024, "depth": 1, "steps": 2000, "batch_size": 64},
        "GPU": {"layers": 8, "width": 1024, "steps": 30000, "batch_size": 256, "ema": 0.9995},
    },
    params=MAFParams,
    implementation="studio_flow.maf:MAF",
)
