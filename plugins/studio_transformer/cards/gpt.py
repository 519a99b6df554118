"""What is known of GPT before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class GPTParams(Params):
    """The defaults are nanoGPT's recipe for a CPU."""

    context: int = param(64, "Tokens the model sees at once.", ge=8, le=2048, logarithmic=True)
    width: int = param(128, "Size of a token's vector.", ge=16, le=2048, logarithmic=True)
    layers: int = param(4, "Blocks of attention and perceptron.", ge=1, le=48)
    heads: int = param(4, "Attention heads; must divide the width.", ge=1, le=32)
    dropout: float = param(0.0, "Share of activations dropped while training.", ge=0.0, le=0.6, basic=False)
    learning_rate: float = param(2e-3, "Highest learning rate, after 100 steps of warm-up.", ge=1e-6, le=1e-1, logarithmic=True)
    final_rate: float = param(0.1, "Learning rate at the end, as a share of the highest.", ge=0.0, le=1.0, basic=False)
    weight_decay: float = param(0.1, "Pull of the matrices towards zero.", ge=0.0, le=1.0, basic=False)


GPT = GeneratorCard(
    id="gpt",
    family="transformer",
    title="GPT",
    summary="Reads text from left to right and predicts the next token from all before it.",
    papers=(
        Paper(
            title="Radford et al., Language Models are Unsupervised Multitask Learners, 2019",
            url="https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf",
        ),
        Paper(title="Karpathy, nanoGPT (the CPU recipe)", url="https://github.com/karpathy/nanoGPT"),
    ),
    accepts=("tokens",),
    strengths=("Exact likelihood of every text.", "Scales smoothly with data and compute.", "Continues any prompt."),
    weaknesses=("Writes one token at a time.", "Attention grows with the square of the context."),
    presets={
        "toy": {"context": 32, "width": 64, "layers": 2, "steps": 500, "batch_size": 12},
        "nanoGPT CPU": {
            "learning_rate": 1e-3,
            "context": 64,
            "width": 128,
            "layers": 4,
            "heads": 4,
            "steps": 2000,
            "batch_size": 12,
        },
        "GPU": {
            "context": 256,
            "width": 384,
            "layers": 6,
            "heads": 6,
            "dropout": 0.2,
            "steps": 5000,
            "batch_size": 64,
        },
    },
    params=GPTParams,
    implementation="studio_transformer.gpt:GPT",
)
