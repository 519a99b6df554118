"""What is known of neural spline flows before their code is imported."""

from studio.api import GeneratorCard, Paper, param

from .likelihood import LikelihoodParams


class SplineParams(LikelihoodParams):
    """Couplings, their splines and their networks."""

    couplings: int = param(3, "Spline couplings; for pictures at each scale.", ge=1, le=64)
    bins: int = param(16, "Pieces of each spline.", ge=2, le=64)
    bound: float = param(4.0, "Splines bend -bound..bound and leave the rest as it is.", ge=0.5, le=20.0, basic=False)
    width: int = param(48, "Width of the couplings' networks.", ge=8, le=1024, logarithmic=True)
    depth: int = param(1, "Residual blocks of the couplings' networks.", ge=1, le=16)
    scales: int = param(2, "How often pictures are halved, as far as their sides allow.", ge=1, le=6)


SPLINE = GeneratorCard(
    id="spline",
    family="flow",
    title="Neural spline flow",
    summary="A flow that bends each number along a learned monotone curve, so few layers fit sharp and separate shapes.",
    papers=(
        Paper(title="Durkan et al., Neural Spline Flows, 2019", url="https://arxiv.org/abs/1906.04032"),
        Paper(
            title="Gregory and Delbourgo, Piecewise rational quadratic interpolation to monotonic data, 1982",
            url="https://doi.org/10.1093/imanum/2.2.123",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=("Exact likelihood.", "Flexible in few layers.", "One step per sample."),
    weaknesses=("Each coupling costs more than an affine one.", "Latents are as large as the data."),
    presets={
        "toy": {"couplings": 3, "width": 48, "steps": 1800, "batch_size": 512, "learning_rate": 5e-3},
        "digits": {"couplings": 2, "scales": 1, "width": 32, "bins": 8, "steps": 1000, "batch_size": 128, "learning_rate": 5e-3},
        "emoji": {"couplings": 6, "width": 64, "scales": 3, "steps": 6000, "batch_size": 64, "ema": 0.999},
        "GPU": {"couplings": 12, "width": 128, "depth": 2, "scales": 3, "steps": 30000, "batch_size": 256, "ema": 0.9995},
    },
    params=SplineParams,
    implementation="studio_flow.spline:Spline",
)
