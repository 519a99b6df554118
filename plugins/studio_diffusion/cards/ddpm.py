"""What is known of DDPM before its code is imported."""

from typing import Literal

from pydantic import JsonValue

from studio.api import GeneratorCard, Paper, Params, param


class DDPMParams(Params):
    """Noise schedule, network and learning rate."""

    width: int = param(32, "Channels at full resolution, or the width of the network for points.", ge=8, le=512, logarithmic=True)
    depth: int = param(1, "Residual blocks at each resolution.", ge=1, le=8)
    patch: int = param(1, "Pixels per side handled as one; 2 makes pictures four times as cheap.", ge=1, le=8, basic=False)
    timesteps: int = param(1000, "Noise levels.", ge=10, le=4000, logarithmic=True)
    schedule: Literal["linear", "cosine"] = param("cosine", "How the noise grows with the timestep.")
    zero_terminal_snr: bool = param(
        False, "Whether nothing of the data is left at the last noise level; it needs the prediction v.", basic=False
    )
    prediction: Literal["epsilon", "v"] = param("v", "What the network predicts: the noise, or the velocity v.")
    learning_rate: float = param(1e-3, "Learning rate of AdamW.", ge=1e-6, le=1e-1, logarithmic=True)
    ema: float = param(0.995, "Decay of the averaged weights that samples are made with.", ge=0.0, le=0.99999, basic=False)


TOY: dict[str, JsonValue] = {"schedule": "linear", "timesteps": 200, "prediction": "epsilon", "learning_rate": 2e-3}

DDPM = GeneratorCard(
    id="ddpm",
    family="diffusion",
    title="DDPM",
    summary="Learns to remove noise one small step at a time, from pure noise to a sample.",
    papers=(
        Paper(title="Ho et al., Denoising Diffusion Probabilistic Models, 2020", url="https://arxiv.org/abs/2006.11239"),
        Paper(title="Song et al., Denoising Diffusion Implicit Models, 2020", url="https://arxiv.org/abs/2010.02502"),
        Paper(
            title="Lin et al., Common Diffusion Noise Schedules and Sample Steps are Flawed, 2023",
            url="https://arxiv.org/abs/2305.08891",
        ),
        Paper(title="Lu et al., DPM-Solver++, 2022", url="https://arxiv.org/abs/2211.01095"),
        Paper(title="Ho and Salimans, Classifier-Free Diffusion Guidance, 2022", url="https://arxiv.org/abs/2207.12598"),
    ),
    accepts=("points", "table", "image"),
    conditional=True,
    provides=("denoiser",),
    strengths=("Stable training with one simple loss.", "Covers all of the data.", "Guidance trades variety for fidelity."),
    weaknesses=("Many network evaluations per sample.", "No exact likelihood in this form."),
    presets={
        "toy": {"width": 128, "depth": 3, "steps": 2000, "batch_size": 256, **TOY},
        "digits": {"width": 48, "depth": 1, "patch": 2, "steps": 3000, "batch_size": 64},
        "emoji": {"width": 64, "depth": 1, "patch": 2, "steps": 6000, "batch_size": 64},
        "GPU": {"width": 128, "depth": 2, "steps": 20000, "batch_size": 256, "learning_rate": 4e-4, "ema": 0.9995},
    },
    params=DDPMParams,
    implementation="studio_diffusion.ddpm:DDPM",
)
