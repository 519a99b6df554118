"""What a sampler takes besides noise, out of what is linked to a node."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.api.errors import StudioError
from studio.api.sampler import Port, SamplerCard
from studio.api.values import Conditioning, LabelValue, Latents, Samples, TextValue

MASK = "mask"
"""The port that takes what is linked as the mask; other ports of samples take the source."""
NEGATIVE = "negative_"
"""What the names of ports begin with that take what samples should keep away from."""


@dataclass(frozen=True)
class Given:
    """What is linked to a node that runs a model; `negative` and `against` are what samples should keep away from."""

    label: LabelValue | None = None
    prompt: TextValue | None = None
    samples: Samples | None = None
    latents: Latents | None = None
    mask: Samples | None = None
    negative: TextValue | None = None
    conditioning: Conditioning | None = None
    against: Conditioning | None = None

    @property
    def words(self) -> list[str]:
        """The prompts that are linked."""
        return [prompt.text for prompt in (self.prompt, self.negative) if prompt]


def feed(sampler: SamplerCard, n: int, given: Given) -> dict[str, Any]:
    """The inputs of a sampler by port name, for n samples; what nothing is linked to is left out.

    Raises:
        StudioError: samples or latents are needed, and none are linked.
    """
    fed = {port.name: _fed(port, n, given) for port in sampler.inputs}
    return {name: value for name, value in fed.items() if value is not None}


def unused(sampler: SamplerCard, given: Given) -> str:
    """What is linked and has no effect, in words; empty where everything has."""
    taken = {port.kind for port in sampler.inputs} | {port.name for port in sampler.inputs}
    linked = (
        ("label", given.label, "label"), ("prompt", given.prompt, "text"), ("mask", given.mask, "mask"),
        ("negative prompt", given.negative, f"{NEGATIVE}prompt"),
    )  # fmt: skip
    idle = [name for name, value, wanted in linked if value and wanted not in taken]
    return f"This sampler takes no {' and no '.join(idle)}." if idle else ""


def _fed(port: Port, n: int, given: Given) -> Any:
    if port.kind == "label":
        return list(np.resize(given.label.labels, n)) if given.label and given.label.labels else None
    if port.kind == "text":
        prompt = given.negative if port.name.startswith(NEGATIVE) else given.prompt
        return prompt.text if prompt and prompt.text else None
    if port.kind == "number":
        return None
    if port.kind == "conditioning":
        said = given.against if port.name.startswith(NEGATIVE) else given.conditioning
        return None if said is None else said.array[np.arange(n) % len(said.array)]
    linked = given.latents if port.kind == "latent" else given.mask if port.name == MASK else given.samples
    if linked is None and not port.optional:
        what = {"latent": "a latent", MASK: "a mask"}.get(MASK if port.name == MASK else port.kind, "samples")
        raise StudioError(f"This sampler needs '{port.name}'. Link {what} to the node.")
    return None if linked is None else linked.array[np.arange(n) % len(linked.array)]
