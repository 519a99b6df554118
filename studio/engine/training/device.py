"""Which device, precision and number of threads a request really gets; never less than what was asked for."""

import os

import torch

from studio.api.errors import StudioError
from studio.kit.training import Precision


def pick_device(name: str) -> torch.device:
    """The device called `name`; "auto" is CUDA, then Apple's, then the processor.

    Raises:
        StudioError: it is not there; nothing else is taken instead.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError) as error:
        reason = str(error).split("\n", maxsplit=1)[0]
        raise StudioError(f"The device '{name}' cannot be used ({reason}). Choose 'cpu' or 'auto'.") from None
    return device


def pick_precision(name: str, device: torch.device) -> Precision:
    """The precision called `name`; "auto" is bfloat16 on graphics cards that have it."""
    if name == "auto":
        return "bfloat16" if device.type == "cuda" and torch.cuda.is_bf16_supported() else "float32"
    if name == "float16" and device.type == "cpu":
        raise StudioError("The processor cannot train in float16. Choose bfloat16 or float32.")
    return "float16" if name == "float16" else "bfloat16" if name == "bfloat16" else "float32"


def use_threads() -> None:
    """As many as OMP_NUM_THREADS says, else all cores but one."""
    if not os.environ.get("OMP_NUM_THREADS"):
        torch.set_num_threads(max(1, (os.cpu_count() or 2) - 1))
