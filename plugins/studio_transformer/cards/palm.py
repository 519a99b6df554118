"""What is known of the PaLM-style decoder before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class PaLMParams(Params):
    """Size of the network and how it learns."""

    context: int = param(64, "Tokens the model sees at once.", ge=8, le=2048, logarithmic=True)
    width: int = param(128, "Size of a token's vector.", ge=16, le=2048, logarithmic=True)
    layers: int = param(4, "Blocks of attention beside a perceptron.", ge=1, le=48)
    heads: int = param(4, "Heads of queries; twice their number must divide the width.", ge=1, le=32)
    learning_rate: float = param(2e-3, "Highest learning rate, after 100 steps of warm-up.", ge=1e-6, le=1e-1, logarithmic=True)
    final_rate: float = param(0.1, "Learning rate at the end, as a share of the highest.", ge=0.0, le=1.0, basic=False)
    weight_decay: float = param(0.1, "Pull of the matrices towards zero.", ge=0.0, le=1.0, basic=False)


PALM = GeneratorCard(
    id="palm",
    family="transformer",
    title="PaLM-style decoder",
    summary="What is public of PaLM's and GPT-4-class systems' design, small; it is neither of them.",
    papers=(
        Paper(
            title="Chowdhery et al., PaLM: Scaling Language Modeling with Pathways, 2022",
            url="https://arxiv.org/abs/2204.02311",
        ),
        Paper(title="Shazeer, Fast Transformer Decoding (multi-query attention), 2019", url="https://arxiv.org/abs/1911.02150"),
        Paper(title="Su et al., RoFormer (rotary positions), 2021", url="https://arxiv.org/abs/2104.09864"),
    ),
    accepts=("tokens",),
    strengths=(
        "Learns more from the same text than GPT-2's design.",
        "Remembers one head of keys and values: a small cache, quick to write with.",
        "Exact likelihood of every text.",
    ),
    weaknesses=("Writes one token at a time.", "Attention grows with the square of the context."),
    presets={
        "toy": {"context": 32, "width": 64, "layers": 2, "steps": 500, "batch_size": 12},
        "nanoGPT CPU": {"context": 64, "width": 128, "layers": 4, "heads": 4, "steps": 2000, "batch_size": 12},
        "GPU": {
            "context": 256,
            "width": 384,
            "layers": 6,
            "heads": 6,
            "learning_rate": 1e-3,
            "steps": 2500,
            "batch_size": 64,
        },
    },
    params=PaLMParams,
    implementation="studio_transformer.palm:PaLM",
)
