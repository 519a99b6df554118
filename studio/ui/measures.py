"""Quantities in words: times, bytes, counts, providers."""


def duration(seconds: float) -> str:
    """0.0041 reads "4.1 ms", 95 reads "1 min 35 s"."""
    if seconds < 1:
        return f"{_short(seconds * 1000)} ms"
    if seconds < 60:
        return f"{_short(seconds)} s"
    minutes = int(seconds // 60)
    if minutes < 60:
        return f"{minutes} min {int(seconds % 60)} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(count: float) -> str:
    """Bytes as "3.1 GB"."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{_short(count)} {unit}"
        count /= 1000
    return f"{_short(count)} GB"


def amount(count: float) -> str:
    """803_000 reads "803 k"."""
    if count < 10_000:
        return f"{count:,.0f}".replace(",", "\u202f")
    return f"{_short(count / 1e3)} k" if count < 1e6 else f"{_short(count / 1e6)} M"


def provider(name: str) -> str:
    """The name people use for a provider: "cuda" and "CUDAExecutionProvider" read "CUDA"."""
    short = name.removesuffix("ExecutionProvider")
    known = {"cpu": "CPU", "cuda": "CUDA", "tensorrt": "TensorRT", "coreml": "CoreML", "dml": "DirectML", "directml": "DirectML"}
    return known.get(short.lower(), short)


def machine(name: str, device: str, memory: float) -> str:
    """What computes, in one line: provider, device where it says more, and memory in use."""
    parts = [provider(name), "" if device.lower() == provider(name).lower() else device, size(memory)]
    return "  ·  ".join(part for part in parts if part)


def plural(count: int, noun: str) -> str:
    """1 file, 2 files."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}".removesuffix(".0") if value >= 10 else f"{value:.2g}"
