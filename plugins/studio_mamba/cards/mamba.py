"""What is known of Mamba before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .state_space import StateSpaceParams


class MambaParams(StateSpaceParams):
    """And the size of a channel's state."""

    state: int = param(16, "Numbers in the state of a channel.", ge=1, le=256, logarithmic=True)


MAMBA = GeneratorCard(
    id="mamba",
    family="mamba",
    title="Mamba",
    summary="Reads a sequence into a state of constant size, and decides at every token what to keep and what to forget.",
    papers=(
        Paper(
            title="Gu and Dao, Mamba: Linear-Time Sequence Modeling with Selective State Spaces, 2023",
            url="https://arxiv.org/abs/2312.00752",
        ),
    ),
    accepts=("tokens", "image"),
    conditional=True,
    strengths=(
        "The memory and time of a step do not grow with the length.",
        "Training is linear in the length.",
        "Exact likelihood of every text, and of every picture of grey levels.",
    ),
    weaknesses=(
        "A state of constant size recalls less exactly than attention what stands far back.",
        "Its scan is no matrix product: slower to train than Mamba-2 with a state of the same size.",
        "Writes one token at a time.",
    ),
    presets={
        "toy": {"context": 32, "width": 64, "layers": 2, "steps": 500, "batch_size": 12},
        "digits": {"width": 96, "layers": 4, "steps": 2000, "batch_size": 32},
        "text CPU": {"context": 64, "width": 128, "layers": 8, "steps": 2000, "batch_size": 12},
        "emoji": {"width": 96, "layers": 4, "colours": 256, "steps": 2000, "batch_size": 4},
        "GPU": {
            "context": 256,
            "longest": 2048,
            "width": 384,
            "layers": 12,
            "learning_rate": 1e-3,
            "steps": 5000,
            "batch_size": 32,
        },
    },
    params=MambaParams,
    implementation="studio_mamba.mamba:Mamba",
)
