"""What is known of Glow before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .likelihood import LikelihoodParams


class GlowParams(LikelihoodParams):
    """Steps of flow and the couplings' networks."""

    flow_steps: int = param(4, "Steps of ActNorm, mixing and coupling, at each scale.", ge=1, le=64)
    width: int = param(64, "Width of the couplings' networks.", ge=8, le=1024, logarithmic=True)
    depth: int = param(1, "Residual blocks of the couplings' networks.", ge=1, le=16)
    scales: int = param(2, "How often pictures are halved, as far as their sides allow.", ge=1, le=6)


GLOW = GeneratorCard(
    id="glow",
    family="flow",
    title="Glow",
    summary="A flow whose channels are mixed by learned invertible matrices between the couplings, at several scales.",
    papers=(
        Paper(
            title="Kingma and Dhariwal, Glow: Generative Flow with Invertible 1x1 Convolutions, 2018",
            url="https://arxiv.org/abs/1807.03039",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=("Exact likelihood.", "One step per sample.", "Latents in which samples can be mixed and edited."),
    weaknesses=(
        "Needs many steps and much memory.",
        "Samples at full temperature are rough; lower temperatures look better than they are likely.",
        "Latents are as large as the data.",
    ),
    presets={
        "toy": {"flow_steps": 8, "width": 64, "steps": 2000, "batch_size": 512, "learning_rate": 5e-3},
        "digits": {"flow_steps": 6, "width": 32, "steps": 1500, "batch_size": 64},
        "emoji": {"flow_steps": 8, "width": 64, "scales": 3, "steps": 6000, "batch_size": 64, "ema": 0.999},
        "GPU": {"flow_steps": 32, "width": 256, "scales": 3, "steps": 30000, "batch_size": 256, "ema": 0.9995},
    },
    params=GlowParams,
    implementation="studio_flow.glow:Glow",
)
