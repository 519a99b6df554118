"""What is known of score_sde before its code is imported."""

from typing import Literal

from studio.api import GeneratorCard, Paper, Params, param


class ScoreSDEParams(Params):
    """The process that adds noise, network and learning rate."""

    width: int = param(32, "Channels at full resolution, or the width of the network for points.", ge=8, le=512, logarithmic=True)
    depth: int = param(1, "Residual blocks at each resolution.", ge=1, le=8)
    patch: int = param(1, "Pixels per side handled as one; 2 makes pictures four times as cheap.", ge=1, le=8, basic=False)
    sde: Literal["vp", "ve"] = param("vp", "Whether noise replaces the data (variance preserving) or is added to it (exploding).")
    weighting: Literal["simple", "likelihood"] = param(
        "simple", "Which noise levels count: all alike, or as they do in the likelihood.", basic=False
    )
    learning_rate: float = param(1e-3, "Learning rate of AdamW.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.999, "Decay of the averaged weights that samples are made with.", ge=0.0, le=0.99999, basic=False)


SCORE_SDE = GeneratorCard(
    id="score_sde",
    family="diffusion",
    title="Score SDE",
    summary="Diffusion in continuous time: a stochastic equation run backwards, or an ordinary one that gives exact likelihoods.",
    papers=(
        Paper(
            title="Song et al., Score-Based Generative Modeling through Stochastic Differential Equations, 2021",
            url="https://arxiv.org/abs/2011.13456",
        ),
        Paper(
            title="Song et al., Maximum Likelihood Training of Score-Based Diffusion Models, 2021",
            url="https://arxiv.org/abs/2101.09258",
        ),
        Paper(title="Ho and Salimans, Classifier-Free Diffusion Guidance, 2022", url="https://arxiv.org/abs/2207.12598"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    provides=("denoiser",),
    strengths=(
        "Exact likelihood of points and table rows.",
        "One model, many samplers: stochastic, with a corrector, or deterministic.",
        "Contains DDPM (variance preserving) and score matching (exploding) as cases.",
    ),
    weaknesses=(
        "The stochastic samplers of its paper need hundreds of evaluations.",
        "A likelihood costs 64 evaluations with their derivatives, and is not offered for pictures.",
    ),
    presets={
        "toy": {
            "width": 128,
            "depth": 3,
            "weighting": "likelihood",
            "learning_rate": 2e-3,
            "ema": 0.995,
            "steps": 3000,
            "batch_size": 256,
        },
        "digits": {"width": 48, "depth": 1, "patch": 2, "ema": 0.995, "steps": 3000, "batch_size": 64},
        "emoji": {"width": 64, "depth": 1, "patch": 2, "steps": 6000, "batch_size": 64},
        "GPU": {"width": 128, "depth": 2, "steps": 20000, "batch_size": 256, "learning_rate": 4e-4, "ema": 0.9995},
    },
    params=ScoreSDEParams,
    implementation="studio_diffusion.score_sde:ScoreSDE",
)
