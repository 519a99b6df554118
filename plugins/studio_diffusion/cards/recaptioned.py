"""What is known of recaptioned training before its code is imported."""

from studio.api import GeneratorCard, Paper, param

from .latent_diffusion import AUTOENCODER, PAPERS, PRESETS, LatentDiffusionParams


class RecaptionedParams(LatentDiffusionParams):
    """Those of latent diffusion, and how many captions are full ones."""

    dense_share: float = param(0.95, "Share of full captions in training; the others are the short ones.", ge=0.0, le=1.0)


RECAPTIONED = GeneratorCard(
    id="recaptioned",
    family="diffusion",
    title="Recaptioned",
    summary="Latent diffusion by the recipe of DALL·E 3: full descriptions for training, and the prompt described as fully.",
    papers=(
        Paper(
            title="Betker et al., Improving Image Generation with Better Captions, 2023",
            url="https://cdn.openai.com/papers/dall-e-3.pdf",
        ),
        *PAPERS,
    ),
    accepts=("image",),
    conditional=True,
    inputs=AUTOENCODER,
    strengths=(
        "Learns what a picture shows from words that many pictures share, so that rare names profit.",
        "The fuller prompt is shown and can be changed before it is used.",
    ),
    weaknesses=(
        "Descriptions come from measures and tags, not from a model that looks at pictures as the paper's does.",
        "Prompts are expanded after the nearest known caption, not by a language model.",
        "Short prompts as they are give less than expanded ones.",
    ),
    presets=PRESETS,
    params=RecaptionedParams,
    implementation="studio_diffusion.recaptioned:Recaptioned",
)
