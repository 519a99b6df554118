"""What is known of PixelCNN++ before its code is imported."""

from typing import Literal

from studio.api import GeneratorCard, Paper, Params, param


class PixelCNNParams(Params):
    """Size of the network, and how a pixel's level is distributed."""

    width: int = param(32, "Channels of each stream.", ge=4, le=512, logarithmic=True)
    blocks: int = param(2, "Pairs of gated blocks at each resolution, on the way down and again on the way up.", ge=1, le=10)
    scales: int = param(3, "Resolutions, as far as the sides can be halved with seven pixels left.", ge=1, le=5)
    likelihood: Literal["auto", "softmax", "logistic_mixture"] = param(
        "auto",
        "A probability for each level, or a mixture of logistics over them; 'auto' takes the first where there are at most 32.",
    )
    mixtures: int = param(10, "Logistics in the mixture.", ge=1, le=100, logarithmic=True, basic=False)
    dropout: float = param(0.3, "Share of activations dropped while training.", ge=0.0, le=0.9)
    learning_rate: float = param(2e-3, "Highest learning rate of Adam; it falls to zero.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged weights that samples and scores use.", ge=0.0, le=0.99999, basic=False)


PIXELCNN = GeneratorCard(
    id="pixelcnn",
    family="autoregressive",
    title="PixelCNN++",
    summary="Writes a picture pixel by pixel; convolutions that see only what is above and to the left say what may follow.",
    papers=(
        Paper(
            title="Salimans et al., PixelCNN++: Improving the PixelCNN with Discretized Logistic Mixture Likelihood, 2017",
            url="https://arxiv.org/abs/1701.05517",
        ),
        Paper(
            title="van den Oord et al., Conditional Image Generation with PixelCNN Decoders, 2016",
            url="https://arxiv.org/abs/1606.05328",
        ),
        Paper(title="van den Oord et al., Pixel Recurrent Neural Networks, 2016", url="https://arxiv.org/abs/1601.06759"),
        Paper(
            title="Ramachandran et al., Fast Generation for Convolutional Autoregressive Models, 2017",
            url="https://arxiv.org/abs/1704.06001",
        ),
    ),
    accepts=("image",),
    conditional=True,
    strengths=(
        "Exact likelihood of every picture, colours included.",
        "Trains stably: one loss, which says how good the model is.",
        "Completes a picture whose upper part is given.",
    ),
    weaknesses=(
        "One step for each pixel.",
        "Fine texture comes out better than the shape of the whole.",
        "Has no latent in which pictures could be mixed.",
    ),
    presets={
        "toy": {"width": 16, "blocks": 1, "steps": 500, "batch_size": 16},
        "digits": {"steps": 1200, "batch_size": 32},
        "emoji": {"width": 48, "blocks": 2, "dropout": 0.1, "steps": 3000, "batch_size": 16, "ema": 0.998},
        "GPU": {
            "width": 128,
            "blocks": 5,
            "dropout": 0.5,
            "steps": 50000,
            "batch_size": 64,
            "learning_rate": 1e-3,
            "ema": 0.9995,
        },
    },
    params=PixelCNNParams,
    implementation="studio_autoregressive.pixelcnn:PixelCNN",
)
