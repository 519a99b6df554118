"""From noise to latents, by a denoiser that is told what to make."""

from collections.abc import Mapping
from typing import Annotated, Any

from studio.api.errors import StudioError
from studio.api.node import NodeContext, node
from studio.api.params import param
from studio.api.values import Conditioning, Latents, ModelValue
from studio.engine.nodes.feeding import Given
from studio.engine.nodes.running import run
from studio.engine.nodes.starting import draw, sampler_called


@node("denoise", "Denoise", category="latent", outputs={"latent": "latent"})
def denoise(
    context: NodeContext,
    model: Annotated[ModelValue, "model"],
    conditioning: Annotated[Conditioning | None, "conditioning"] = None,
    against: Annotated[Conditioning | None, "conditioning"] = None,
    noise: Annotated[Latents | None, "latent"] = None,
    *,
    sampler: str = param("denoise", "The model's way from noise to latents."),
    controls: Mapping[str, Any] = param({}, "The sampler's controls that differ from their defaults, by name."),
    seed: int = param(0, "The seed where no noise is linked.", ge=0, le=2**53, basic=False),
    count: int = param(16, "How many samples where no noise is linked.", ge=1, le=4096, basic=False),
) -> Latents:
    """Latents out of noise, towards what one prompt says and away from another; link them to 'Decode'."""
    opened = context.model(model.reference)
    chosen = sampler_called(opened.card, sampler)
    if chosen.output.kind != "latent":
        raise StudioError(f"'{sampler}' of {opened.card.title} gives no latents. Use the node 'Sample' for it.")
    start = noise or draw(opened.card, seed, count)
    found = run(context, opened, chosen, start, Given(conditioning=conditioning, against=against), controls=controls)
    assert isinstance(found, Latents)
    return found
