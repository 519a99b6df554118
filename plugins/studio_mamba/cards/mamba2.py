"""What is known of Mamba-2 before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .state_space import StateSpaceParams


class Mamba2Params(StateSpaceParams):
    """And the shape of a head's state."""

    state: int = param(32, "Rows of a head's state; the paper has 64 to 256.", ge=1, le=256, logarithmic=True)
    head_width: int = param(32, "Channels of a head, which share one decay.", ge=1, le=256, logarithmic=True)


MAMBA2 = GeneratorCard(
    id="mamba2",
    family="mamba",
    title="Mamba-2",
    summary="Mamba with one decay for each head, so that training is matrix products: attention in chunks, a state between them.",
    papers=(
        Paper(
            title="Dao and Gu, Transformers are SSMs: Generalized Models and Efficient Algorithms Through Structured State "
            "Space Duality, 2024",
            url="https://arxiv.org/abs/2405.21060",
        ),
    ),
    accepts=("tokens", "image"),
    conditional=True,
    strengths=(
        "The memory and time of a step do not grow with the length.",
        "Matrix products let the state be larger than Mamba's at the same cost.",
        "Exact likelihood of every text, and of every picture of grey levels.",
    ),
    weaknesses=(
        "A state of constant size recalls less exactly than attention what stands far back.",
        "One decay for a head is less expressive than Mamba's for every number of the state.",
        "Writes one token at a time.",
    ),
    presets={
        "toy": {"context": 32, "width": 64, "layers": 2, "steps": 500, "batch_size": 12},
        "digits": {"width": 96, "layers": 4, "steps": 2000, "batch_size": 32},
        "text CPU": {"context": 64, "width": 128, "layers": 8, "steps": 2000, "batch_size": 12},
        "emoji": {"width": 128, "layers": 4, "colours": 256, "steps": 3000, "batch_size": 8},
        "GPU": {
            "context": 256,
            "longest": 2048,
            "width": 384,
            "layers": 12,
            "state": 128,
            "head_width": 64,
            "learning_rate": 1e-3,
            "steps": 5000,
            "batch_size": 64,
        },
    },
    params=Mamba2Params,
    implementation="studio_mamba.mamba2:Mamba2",
)
