"""What is known of rectified flow before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .network import PictureFieldParams


class RectifiedFlowParams(PictureFieldParams):
    """The network, and what follows the first flow."""

    reflows: int = param(1, "How often the flow is trained again on its own pairs of noise and sample.", ge=0, le=4)
    distill: bool = param(False, "Whether a copy of the network is taught at the end to make the whole way in one step.")
    pairs: int = param(
        10_000, "Pairs that the flow before makes for a reflow or the distillation; kept in checkpoints.", ge=64, le=1_000_000,
        logarithmic=True, basic=False,
    )  # fmt: skip
    pair_steps: int = param(
        32, "Network evaluations for each pair, in Runge-Kutta steps of four.", ge=4, le=256, logarithmic=True, basic=False
    )


RECTIFIED_FLOW = GeneratorCard(
    id="rectified_flow",
    family="flow_matching",
    title="Rectified flow",
    summary="A flow is trained again on its own pairs of noise and sample, which straightens its paths until one step does.",
    papers=(
        Paper(
            title="Liu et al., Flow Straight and Fast: Learning to Generate and Transfer Data with Rectified Flow, 2022",
            url="https://arxiv.org/abs/2209.03003",
        ),
    ),
    accepts=("points", "table", "image", "audio"),
    conditional=True,
    strengths=(
        "One or two steps are enough after a reflow.",
        "Needs no optimal transport: works where samples have many dimensions.",
        "Exact likelihood, and samples can be encoded back to noise.",
    ),
    weaknesses=(
        "Each reflow learns from imperfect samples of the flow before, so errors add up.",
        "Several trainings in a row, and pairs to be made in between.",
    ),
    presets={
        "toy": {"width": 128, "depth": 3, "learning_rate": 2e-3, "pairs": 50_000, "steps": 4000, "batch_size": 256},
        "digits": {"width": 48, "depth": 1, "patch": 2, "steps": 6000, "batch_size": 64},
        "emoji": {"width": 64, "depth": 1, "patch": 2, "steps": 12000, "batch_size": 64},
        "GPU": {
            "width": 128, "depth": 2, "pairs": 50_000, "steps": 40000, "batch_size": 256, "learning_rate": 4e-4, "ema": 0.9995,
        },
    },
    params=RectifiedFlowParams,
    implementation="studio_flow_matching.rectified_flow:RectifiedFlow",
)  # fmt: skip
