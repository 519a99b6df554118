"""What is known of consistency distillation before its code is imported."""

from typing import Literal

from studio.api import GeneratorCard, Paper, Slot, param

from .networks import NetworkParams, bend


class ConsistencyDistillationParams(NetworkParams):
    """How the teacher's path is walked."""

    levels: int = param(18, "Noise levels between which the teacher steps.", ge=2, le=1000, logarithmic=True)
    reach: int = param(
        1, "How many of the teacher's steps lead to the point whose end is the target; as many as there are: to the very end.",
        ge=1, le=1000, logarithmic=True, basic=False,
    )  # fmt: skip
    solver: Literal["dpmpp_2m", "heun", "euler"] = param(
        "heun", "The teacher's step: one evaluation, of second order after the first step; two evaluations; or one.", basic=False
    )
    target_ema: float = param(
        0.0, "Decay of the averaged weights that give the target; 0 takes the newest weights.", ge=0.0, le=0.9999, basic=False
    )
    guidance_scale: float = param(1.0, "How strongly the teacher enforces the class; fixed by the training.", ge=0.0, le=10.0)
    huber: float = bend(0.3)


WHOLE_PATHS = {"levels": 10, "reach": 9, "solver": "dpmpp_2m", "learning_rate": 1e-3}
"""What learns soonest where time is short: the teacher walks each path to its end, so no estimate leans on another."""

CONSISTENCY_DISTILLATION = GeneratorCard(
    id="consistency_distillation",
    family="consistency",
    title="Consistency distillation",
    summary="Learns from a trained diffusion model to jump along its paths from noise to data in one or two steps.",
    papers=(
        Paper(title="Song et al., Consistency Models, 2023", url="https://arxiv.org/abs/2303.01469"),
        Paper(title="Kim et al., Consistency Trajectory Models (reach), 2023", url="https://arxiv.org/abs/2310.02279"),
        Paper(title="Luo et al., Latent Consistency Models (guidance), 2023", url="https://arxiv.org/abs/2310.04378"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    inputs=(Slot(name="teacher", provides="denoiser"),),
    strengths=("One or two network evaluations a sample.", "Steadier than training without a teacher."),
    weaknesses=("No better than its teacher.", "Each step costs evaluations of the teacher.", "No likelihood."),
    presets={
        "toy": {"width": 128, "depth": 3, "sigma_data": 1.0, "steps": 4000, "batch_size": 256},
        "digits": {"width": 48, "patch": 2, **WHOLE_PATHS, "steps": 2000, "batch_size": 16},
        "emoji": {"width": 64, "patch": 2, **WHOLE_PATHS, "steps": 4000, "batch_size": 16},
        "GPU": {"width": 128, "depth": 2, "levels": 40, "steps": 20000, "batch_size": 256, "learning_rate": 1e-4, "ema": 0.9995},
    },
    params=ConsistencyDistillationParams,
    implementation="studio_consistency.consistency_distillation:ConsistencyDistillation",
)
