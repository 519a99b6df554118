"""A model made to generate."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from studio.api.node import NodeContext, node
from studio.api.params import param
from studio.api.values import Conditioning, LabelValue, Latents, ModelValue, Samples, TextValue
from studio.engine.nodes.feeding import Given
from studio.engine.nodes.running import run
from studio.engine.nodes.starting import draw, sampler_called


@node("sample", "Sample", category="model", outputs={"samples": "samples"})
def sample(
    context: NodeContext,
    model: Annotated[ModelValue, "model"],
    noise: Annotated[Latents | None, "latent"] = None,
    label: Annotated[LabelValue | None, "label"] = None,
    prompt: Annotated[TextValue | None, "text"] = None,
    negative_prompt: Annotated[TextValue | None, "text"] = None,
    *,
    source: Annotated[Samples | None, "samples"] = None,
    mask: Annotated[Samples | None, "samples"] = None,
    sampler: str = param("sample", "What the model should do; most can only sample."),
    controls: Mapping[str, Any] = param({}, "The sampler's controls that differ from their defaults, by name."),
    every: int = param(1, "A preview after so many steps; 0 for none.", ge=0, le=10_000),
    provider: Literal["auto", "cpu", "cuda", "tensorrt", "coreml", "directml"] = param("auto", "Where to compute.", basic=False),
    seed: int = param(0, "The seed where no noise is linked.", ge=0, le=2**53, basic=False),
    count: int = param(16, "How many samples where no noise is linked.", ge=1, le=4096, basic=False),
) -> Samples | Latents | Conditioning:
    """New samples from a model, with a preview of every step."""
    opened = context.model(model.reference, provider)
    chosen = sampler_called(opened.card, sampler)
    start = noise or draw(opened.card, seed, len(source.array) if source else count)
    given = Given(label, prompt, source, noise, mask, negative_prompt)
    return run(context, opened, chosen, start, given, controls=controls, every=every)
