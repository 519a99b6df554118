"""What is known of latent diffusion before its code is imported."""

from typing import Literal

from pydantic import JsonValue

from studio.api import GeneratorCard, Paper, Params, Slot, param


class LatentDiffusionParams(Params):
    """Autoencoder, text encoder, denoiser and noise schedule."""

    width: int = param(96, "Channels of the denoiser at the latents' full resolution.", ge=16, le=1024, logarithmic=True)
    depth: int = param(1, "Residual blocks with a transformer each, at each resolution.", ge=1, le=4)
    text_width: int = param(96, "Size of a word's vector.", ge=16, le=1024, logarithmic=True)
    text_layers: int = param(2, "Blocks of the transformer that reads the words.", ge=1, le=12)
    caption_dropout: float = param(
        0.1, "Share of captions left out in training, which makes guidance possible.", ge=0.0, le=0.5, basic=False
    )
    halvings: int = param(2, "How often the autoencoder halves the sides: 2 makes 32x32 pixels 8x8 latents.", ge=1, le=4)
    latent_channels: int = param(8, "Numbers at each place of the latents.", ge=1, le=64, logarithmic=True)
    autoencoder_width: int = param(
        48, "Channels of the autoencoder after the first halving.", ge=8, le=512, logarithmic=True, basic=False
    )
    autoencoder_depth: int = param(1, "Residual blocks of the autoencoder at each resolution.", ge=1, le=4, basic=False)
    autoencoder_rate: float = param(
        2e-3, "Learning rate of the autoencoder.", ge=1e-6, le=1e-1, logarithmic=True, basic=False
    )  # fmt: skip
    autoencoder_share: float = param(
        0.3, "Share of the steps for the autoencoder, where none is chosen as an input.", ge=0.05, le=0.9, basic=False
    )
    kl_weight: float = param(
        1e-6, "Weight of the autoencoder's KL term against its squared error.", ge=0.0, le=1.0, logarithmic=True, basic=False
    )
    timesteps: int = param(1000, "Noise levels.", ge=10, le=4000, logarithmic=True, basic=False)
    schedule: Literal["linear", "cosine"] = param("cosine", "How the noise grows with the timestep.", basic=False)
    zero_terminal_snr: bool = param(
        False, "Whether nothing of the data is left at the last noise level; it needs the prediction v.", basic=False
    )
    prediction: Literal["epsilon", "v"] = param("v", "What the network predicts: the noise, or the velocity v.", basic=False)
    learning_rate: float = param(1e-3, "Learning rate of AdamW.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged weights that samples are made with.", ge=0.0, le=0.99999, basic=False)


PAPERS = (
    Paper(
        title="Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021",
        url="https://arxiv.org/abs/2112.10752",
    ),
    Paper(title="Ho and Salimans, Classifier-Free Diffusion Guidance, 2022", url="https://arxiv.org/abs/2207.12598"),
    Paper(title="Salimans and Ho, Progressive Distillation (v-prediction), 2022", url="https://arxiv.org/abs/2202.00512"),
)
AUTOENCODER = (Slot(name="autoencoder", provides="autoencoder", optional=True),)
PRESETS: dict[str, dict[str, JsonValue]] = {
    "digits": {
        "width": 48, "text_width": 32, "text_layers": 1, "halvings": 1, "latent_channels": 4, "autoencoder_width": 32,
        "steps": 3000, "batch_size": 64,
    },
    "emoji": {"steps": 4000, "batch_size": 32},
    "GPU": {
        "width": 256, "depth": 2, "text_width": 256, "text_layers": 4, "autoencoder_width": 128, "autoencoder_depth": 2,
        "autoencoder_rate": 5e-4, "learning_rate": 3e-4, "ema": 0.9995, "steps": 60000, "batch_size": 128,
    },
}  # fmt: skip

LATENT_DIFFUSION = GeneratorCard(
    id="latent_diffusion",
    family="diffusion",
    title="Latent diffusion",
    summary="Pictures from words, in the design of Stable Diffusion: noise is removed from a small map of latents, not pixels.",
    papers=PAPERS,
    accepts=("image",),
    conditional=True,
    inputs=AUTOENCODER,
    strengths=(
        "Follows a prompt, and keeps away from a negative one.",
        "Works on few numbers, so large pictures stay affordable.",
        "Text encoder, denoiser and decoder are parts that can be used on their own.",
    ),
    weaknesses=(
        "Detail is no better than the autoencoder's.",
        "Knows only the words of its captions, and needs many pictures to compose them anew.",
        "Many network evaluations per sample.",
    ),
    presets=PRESETS,
    params=LatentDiffusionParams,
    implementation="studio_diffusion.latent_diffusion:LatentDiffusion",
)
