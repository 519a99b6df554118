"""What is known of CNF before its code is imported."""

from typing import Literal

from studio.api import GeneratorCard, Paper, param

from .network import FieldParams


class CNFParams(FieldParams):
    """The network, and how its likelihood is worked out."""

    evaluations: int = param(
        16, "Network evaluations on the way to noise, in Runge-Kutta steps of four.", ge=4, le=128, logarithmic=True
    )
    divergence: Literal["exact", "estimated"] = param(
        "exact",
        "How the change of volume is found in training: in every direction, or in a random one (FFJORD; for wide tables).",
    )
    kinetic: float = param(
        0.02, "Weight of the paths' kinetic energy: straighter and slower, they stay within what the solver's steps resolve.",
        ge=0.0, le=10.0, basic=False,
    )  # fmt: skip


CNF = GeneratorCard(
    id="cnf",
    family="flow_matching",
    title="CNF",
    summary="A flow in continuous time: noise moves along learned velocities, and the data is made as likely as possible.",
    papers=(
        Paper(title="Chen et al., Neural Ordinary Differential Equations, 2018", url="https://arxiv.org/abs/1806.07366"),
        Paper(
            title="Grathwohl et al., FFJORD: Free-Form Continuous Dynamics for Scalable Reversible Generative Models, 2018",
            url="https://arxiv.org/abs/1810.01367",
        ),
        Paper(
            title="Finlay et al., How to Train Your Neural ODE: the World of Jacobian and Kinetic Regularization, 2020",
            url="https://arxiv.org/abs/2002.02798",
        ),
    ),
    accepts=("points", "table"),
    conditional=True,
    strengths=(
        "Exact likelihood, and trained on it directly.",
        "Any network may be the velocity; nothing must be invertible by construction.",
    ),
    weaknesses=(
        "Training runs a solver in every step: tens of times slower than flow matching.",
        "The divergence costs one derivative for each dimension; not offered for pictures.",
        "Fixed steps must be enough for the paths that are learned.",
    ),
    presets={
        "toy": {"width": 64, "depth": 2, "learning_rate": 3e-3, "steps": 1500, "batch_size": 256},
        "digits": {"width": 64, "depth": 2, "divergence": "estimated", "steps": 3000, "batch_size": 256},
        "emoji": {"width": 64, "depth": 2, "divergence": "estimated", "steps": 3000, "batch_size": 256},
        "GPU": {"width": 128, "depth": 3, "evaluations": 32, "steps": 20000, "batch_size": 2048, "ema": 0.999},
    },
    params=CNFParams,
    implementation="studio_flow_matching.cnf:CNF",
)
