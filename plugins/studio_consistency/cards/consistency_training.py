"""What is known of consistency training before its code is imported."""

from typing import Literal

from studio.api import GeneratorCard, Paper, Slot, param

from .networks import NetworkParams


class ConsistencyTrainingParams(NetworkParams):
    """How the pairs of noise levels draw together while training goes on."""

    schedule: Literal["easy", "improved"] = param(
        "easy", "Easy consistency tuning's continuous levels, or the discrete levels of improved consistency training."
    )
    doublings: int = param(8, "How often the levels of a pair draw twice as near together.", ge=1, le=12, basic=False)


CONSISTENCY_TRAINING = GeneratorCard(
    id="consistency_training",
    family="consistency",
    title="Consistency training",
    summary="Learns to jump from any noise level straight to the data, from a trained diffusion model or from scratch.",
    papers=(
        Paper(title="Geng et al., Consistency Models Made Easy, 2024", url="https://arxiv.org/abs/2406.14548"),
        Paper(
            title="Song and Dhariwal, Improved Techniques for Training Consistency Models, 2023",
            url="https://arxiv.org/abs/2310.14189",
        ),
        Paper(title="Song et al., Consistency Models, 2023", url="https://arxiv.org/abs/2303.01469"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    inputs=(Slot(name="teacher", provides="denoiser", optional=True),),
    strengths=("One or two network evaluations a sample.", "Needs no teacher, and is quick to tune where there is one."),
    weaknesses=(
        "Training is noisier than diffusion's.",
        "Needs small learning rates and patience from scratch.",
        "No likelihood.",
    ),
    presets={
        "toy": {"width": 128, "depth": 3, "sigma_data": 1.0, "steps": 6000, "batch_size": 256},
        "digits": {"width": 48, "patch": 2, "doublings": 5, "learning_rate": 1e-3, "steps": 3000, "batch_size": 64},
        "emoji": {"width": 64, "patch": 2, "doublings": 5, "learning_rate": 1e-3, "steps": 6000, "batch_size": 64},
        "GPU": {"width": 128, "depth": 2, "steps": 20000, "batch_size": 256, "learning_rate": 1e-4, "ema": 0.9995},
    },
    params=ConsistencyTrainingParams,
    implementation="studio_consistency.consistency_training:ConsistencyTraining",
)
