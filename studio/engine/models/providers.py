"""Where onnxruntime can compute on this machine."""

import ctypes
from functools import cache

import onnxruntime

from studio.api.errors import StudioError

PROVIDERS = {
    "cuda": "CUDAExecutionProvider", "tensorrt": "TensorrtExecutionProvider", "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider", "cpu": "CPUExecutionProvider",
}  # fmt: skip
NAMES = {long: short for short, long in PROVIDERS.items()}
AUTOMATIC = ("cuda", "directml", "coreml", "cpu")
"""Best first. TensorRT only where it is asked for: it builds an engine for minutes before its first sample."""


def available() -> tuple[str, ...]:
    """The providers that this onnxruntime has and whose device is present, best first."""
    built = onnxruntime.get_available_providers()
    return tuple(
        name for name, long in PROVIDERS.items() if long in built and (name not in ("cuda", "tensorrt") or _cuda_devices())
    )


def choose(asked: str) -> list[str]:
    """The providers to try, best first; one that was asked for by name is the only one.

    Raises:
        StudioError: there is no such provider, or this machine has none.
    """
    if asked == "auto":
        return [name for name in AUTOMATIC if name in available()]
    if asked not in PROVIDERS:
        raise StudioError(f"There is no provider '{asked}'; choose auto or one of {', '.join(PROVIDERS)}.")
    if asked not in available():
        raise StudioError(
            f"The provider '{asked}' is not available here; there is {', '.join(available())}. Choose one of these or auto."
        )
    return [asked]


@cache
def _cuda_devices() -> int:
    """How many the driver reports, 0 without a driver; asking onnxruntime itself would print its disappointment."""
    count = ctypes.c_int(0)
    for name in ("libcuda.so.1", "nvcuda.dll"):
        try:
            driver = ctypes.CDLL(name)
        except OSError:
            continue
        if driver.cuInit(0) == 0 and driver.cuDeviceGetCount(ctypes.byref(count)) == 0:
            return count.value
    return 0
