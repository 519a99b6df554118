"""What the settings of a scheduler of diffusers say: the noise levels a pipeline was trained at, and those it visits."""

from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from studio.api import StudioError
from studio.api.frozen import Frozen
from studio.api.weights import read_config

SOLVERS = {
    "DDIMScheduler": "ddim", "PNDMScheduler": "ddim", "DDPMScheduler": "ancestral", "EulerDiscreteScheduler": "euler",
    "EulerAncestralDiscreteScheduler": "ancestral", "HeunDiscreteScheduler": "heun", "DPMSolverMultistepScheduler": "dpmpp_2m",
}  # fmt: skip
ENDING_NOISY = ("PNDMScheduler",)
"""Whose last step leads to the first noise level unless a folder says otherwise."""

Spacing = Literal["leading", "trailing", "linspace"]


class Timetable(Frozen):
    """The noise levels that a pipeline was trained at, and those it visits.

    Attributes:
        spacing: how timesteps are spread; None where each solver's scheduler has its own way.
        offset: added to timesteps that lead their intervals.
        final_clean: whether DDIM's last step leads to the clean sample, and not to the first noise level.
        final_least: whether the last step of Euler and of DPM-Solver++ leads to the first noise level.
        karras: whether Euler, Heun and DPM-Solver++ spread noise levels as Karras et al. do.
        whole: whether ancestral sampling visits whole timesteps, as DDPM does, and not places between two.
    """

    timesteps: int = 1000
    beta_start: float = 1e-4
    beta_end: float = 0.02
    beta_schedule: Literal["linear", "scaled_linear", "squaredcos_cap_v2"] = "linear"
    trained_betas: tuple[float, ...] = ()
    zero_terminal_snr: bool = False
    prediction: Literal["epsilon", "v"] = "epsilon"
    spacing: Spacing | None = None
    offset: int = 0
    final_clean: bool = True
    final_least: bool = False
    karras: bool = False
    whole: bool = False
    solver: str = "ddim"
    schedule: Literal["linear", "cosine"] = "linear"


def timetable_of(folder: Path) -> Timetable:
    """What a scheduler's settings say.

    How the samplers of diffusers differ from ours in other things than these is not followed: samples cut off at some value,
    and the noise levels called exponential, beta, lu and log_linear.

    Raises:
        StudioError: a setting that is not known here.
    """
    config = read_config(folder / "scheduler_config.json")
    name = str(config.get("_class_name", ""))
    _check_prediction(name, config)
    given = {
        "timesteps": config.get("num_train_timesteps"), "beta_start": config.get("beta_start"),
        "beta_end": config.get("beta_end"), "beta_schedule": config.get("beta_schedule"),
        "trained_betas": config.get("trained_betas"), "zero_terminal_snr": config.get("rescale_betas_zero_snr"),
        "spacing": config.get("timestep_spacing"), "offset": config.get("steps_offset"),
        "final_clean": config.get("set_alpha_to_one", name not in ENDING_NOISY),
        "final_least": config.get("final_sigmas_type") == "sigma_min", "karras": config.get("use_karras_sigmas"),
        "whole": name == "DDPMScheduler", "solver": SOLVERS.get(name),
        "prediction": "v" if config.get("prediction_type") == "v_prediction" else "epsilon",
    }  # fmt: skip
    try:
        return Timetable.model_validate({key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        raise StudioError(f"{folder / 'scheduler_config.json'} says what is not known here: {_first(error)}.") from error


def _check_prediction(name: str, config: dict[str, Any]) -> None:
    prediction = config.get("prediction_type", "epsilon")
    if prediction not in ("epsilon", "v_prediction") or name.startswith(("EDM", "LCM", "TCD", "FlowMatch")):
        raise StudioError(
            f"Its {name or 'scheduler'} predicts '{prediction}' in a way that is not known here; epsilon and v_prediction are."
        )
    if config.get("timestep_type") == "continuous" and prediction == "v_prediction":
        raise StudioError("Its denoiser is told the logarithm of the noise in place of a timestep, which is not known here.")


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    return f"'{'.'.join(map(str, found['loc']))}' is {found['input']!r}"
