"""What is known of OT-CFM before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .network import PictureFieldParams


class OTCFMParams(PictureFieldParams):
    """The network, and how noise and samples are paired."""

    batches_together: int = param(
        1, "Batches that are paired at once: straighter paths, but the cost grows cubically.", ge=1, le=16
    )
    sigma: float = param(0.0, "Deviation of the noise about each path.", ge=0.0, le=0.5, basic=False)


OT_CFM = GeneratorCard(
    id="ot_cfm",
    family="flow_matching",
    title="OT-CFM",
    summary="Flow matching where each sample is paired with noise near to it, so that paths hardly cross and few steps do.",
    papers=(
        Paper(
            title="Tong et al., Improving and Generalizing Flow-Based Generative Models with Minibatch Optimal Transport, 2023",
            url="https://arxiv.org/abs/2302.00482",
        ),
        Paper(
            title="Pooladian et al., Multisample Flow Matching: Straightening Flows with Minibatch Couplings, 2023",
            url="https://arxiv.org/abs/2304.14772",
        ),
        Paper(
            title="Cheng and Schwing, The Curse of Conditions (pairing within classes), 2025",
            url="https://arxiv.org/abs/2503.10636",
        ),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    strengths=(
        "Good samples in very few steps, even one in the plane.",
        "Lower variance in training than independent pairs.",
        "Exact likelihood, and samples can be encoded back to noise.",
    ),
    weaknesses=(
        "A batch must be large to be paired well; in many dimensions noise is near to no sample.",
        "Pairing costs time in each step.",
        "Pairs within a batch are a biased estimate of the true transport.",
    ),
    presets={
        "toy": {"width": 128, "depth": 3, "learning_rate": 2e-3, "steps": 2000, "batch_size": 256},
        "digits": {"width": 48, "depth": 1, "patch": 2, "steps": 3000, "batch_size": 64, "batches_together": 4},
        "emoji": {"width": 64, "depth": 1, "patch": 2, "steps": 6000, "batch_size": 64, "batches_together": 4},
        "GPU": {"width": 128, "depth": 2, "steps": 20000, "batch_size": 256, "learning_rate": 4e-4, "ema": 0.9995},
    },
    params=OTCFMParams,
    implementation="studio_flow_matching.ot_cfm:OTCFM",
)
