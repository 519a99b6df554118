"""What is known of EDM before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class EDMParams(Params):
    """Network, noise levels seen in training, and learning rate."""

    width: int = param(32, "Channels at full resolution, or the width of the network for points.", ge=8, le=512, logarithmic=True)
    depth: int = param(1, "Residual blocks at each resolution.", ge=1, le=8)
    patch: int = param(1, "Pixels per side handled as one; 2 makes pictures four times as cheap.", ge=1, le=8, basic=False)
    sigma_data: float = param(0.5, "Deviation of the data: about 0.5 for pictures, 1 for points and tables.", ge=0.01, le=10.0)
    p_mean: float = param(-1.2, "Mean of the log noise level in training.", ge=-5.0, le=5.0, basic=False)
    p_std: float = param(1.2, "Deviation of the log noise level in training.", ge=0.1, le=5.0, basic=False)
    learning_rate: float = param(1e-3, "Learning rate of AdamW.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.999, "Decay of the averaged weights that samples are made with.", ge=0.0, le=0.99999, basic=False)


EDM = GeneratorCard(
    id="edm",
    family="diffusion",
    title="EDM",
    summary="Diffusion with the design choices taken apart: the network always sees and predicts numbers of one size.",
    papers=(
        Paper(
            title="Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models, 2022",
            url="https://arxiv.org/abs/2206.00364",
        ),
        Paper(title="Lu et al., DPM-Solver++, 2022", url="https://arxiv.org/abs/2211.01095"),
        Paper(title="Ho and Salimans, Classifier-Free Diffusion Guidance, 2022", url="https://arxiv.org/abs/2207.12598"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    provides=("denoiser",),
    strengths=(
        "Good samples in about 35 evaluations by Heun steps.",
        "Trains evenly at all noise levels.",
        "Churn repairs errors of earlier steps.",
        "A good teacher for consistency models.",
    ),
    weaknesses=("Still tens of network evaluations per sample.", "The deviation of the data must be known."),
    presets={
        "toy": {
            "width": 128, "depth": 3, "sigma_data": 1.0, "learning_rate": 2e-3, "ema": 0.995, "steps": 2000, "batch_size": 256,
        },
        "digits": {"width": 48, "depth": 1, "patch": 2, "ema": 0.995, "steps": 3000, "batch_size": 64},
        "emoji": {"width": 64, "depth": 1, "patch": 2, "steps": 6000, "batch_size": 64},
        "GPU": {"width": 128, "depth": 2, "steps": 20000, "batch_size": 256, "learning_rate": 4e-4, "ema": 0.9995},
    },
    params=EDMParams,
    implementation="studio_diffusion.edm:EDM",
)  # fmt: skip
