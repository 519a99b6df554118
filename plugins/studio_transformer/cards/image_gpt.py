"""What is known of ImageGPT before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class ImageGPTParams(Params):
    """Size of the network and of the palette."""

    width: int = param(128, "Size of a token's vector.", ge=16, le=2048, logarithmic=True)
    layers: int = param(4, "Blocks of attention and perceptron.", ge=1, le=48)
    heads: int = param(4, "Attention heads; must divide the width.", ge=1, le=32)
    colours: int = param(
        256, "Colours of the palette that coloured pictures are read with; levels of grey are read as they are.",
        ge=2, le=4096, logarithmic=True,
    )  # fmt: skip
    dropout: float = param(0.0, "Share of activations dropped while training.", ge=0.0, le=0.6, basic=False)
    learning_rate: float = param(2e-3, "Highest learning rate, after 100 steps of warm-up.", ge=1e-6, le=1e-1, logarithmic=True)
    final_rate: float = param(0.1, "Learning rate at the end, as a share of the highest.", ge=0.0, le=1.0, basic=False)
    weight_decay: float = param(0.1, "Pull of the matrices towards zero.", ge=0.0, le=1.0, basic=False)


IMAGE_GPT = GeneratorCard(
    id="image_gpt",
    family="transformer",
    title="ImageGPT",
    summary="Reads a picture pixel by pixel, as GPT reads a text, and predicts each pixel from all before it.",
    papers=(
        Paper(
            title="Chen et al., Generative Pretraining from Pixels, 2020",
            url="https://proceedings.mlr.press/v119/chen20s.html",
        ),
    ),
    accepts=("image",),
    conditional=True,
    strengths=(
        "Exact likelihood of every picture of grey levels.",
        "Completes a picture whose upper part is given.",
        "Learns features on which a linear classifier does well.",
    ),
    weaknesses=(
        "One step for each pixel, and attention grows with the square of their number.",
        "Raster order: the lower part cannot be given.",
        "Coloured pictures are reduced to a palette.",
    ),
    presets={
        "toy": {"width": 64, "layers": 2, "steps": 500, "batch_size": 16},
        "digits": {"width": 128, "layers": 4, "dropout": 0.1, "steps": 1000, "batch_size": 32},
        "emoji": {"width": 128, "layers": 4, "colours": 256, "steps": 3000, "batch_size": 8},
        "GPU": {
            "width": 512,
            "layers": 12,
            "heads": 8,
            "colours": 512,
            "dropout": 0.1,
            "learning_rate": 1e-3,
            "steps": 20000,
            "batch_size": 64,
        },
    },
    params=ImageGPTParams,
    implementation="studio_transformer.image_gpt:ImageGPT",
)
