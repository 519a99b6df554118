"""What is known of flow matching before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .network import PictureFieldParams


class FlowMatchingParams(PictureFieldParams):
    """The network and the width of the paths."""

    sigma_min: float = param(0.0, "Deviation of the Gaussian about each sample in which paths end.", ge=0.0, le=0.5, basic=False)


FLOW_MATCHING = GeneratorCard(
    id="flow_matching",
    family="flow_matching",
    title="Flow matching",
    summary="Learns in which direction samples move on straight ways from noise to data, and follows these directions.",
    papers=(
        Paper(title="Lipman et al., Flow Matching for Generative Modeling, 2022", url="https://arxiv.org/abs/2210.02747"),
        Paper(title="Zheng et al., Guided Flows for Generative Modeling, 2023", url="https://arxiv.org/abs/2311.13443"),
    ),
    accepts=("points", "table", "image", "audio"),
    conditional=True,
    provides=("denoiser",),
    strengths=(
        "One simple regression, without a noise schedule to choose.",
        "Straighter paths than diffusion: good samples in few evaluations.",
        "Exact likelihood, and samples can be encoded back to noise.",
    ),
    weaknesses=(
        "Paths of different samples cross, so a single step gives the average.",
        "Several network evaluations per sample.",
    ),
    presets={
        "toy": {"width": 128, "depth": 3, "learning_rate": 2e-3, "steps": 2000, "batch_size": 256},
        "digits": {"width": 48, "depth": 1, "patch": 2, "steps": 3000, "batch_size": 64},
        "emoji": {"width": 64, "depth": 1, "patch": 2, "steps": 6000, "batch_size": 64},
        "GPU": {"width": 128, "depth": 2, "steps": 20000, "batch_size": 256, "learning_rate": 4e-4, "ema": 0.9995},
    },
    params=FlowMatchingParams,
    implementation="studio_flow_matching.flow_matching:FlowMatching",
)
