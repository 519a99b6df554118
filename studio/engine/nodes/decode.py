"""From latents to samples."""

from collections.abc import Mapping
from typing import Annotated, Any

from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.api.node import NodeContext, node
from studio.api.params import param
from studio.api.sampler import SamplerCard
from studio.api.values import LabelValue, Latents, ModelValue, Samples
from studio.engine.nodes.feeding import Given
from studio.engine.nodes.running import run
from studio.engine.nodes.starting import main_sampler


@node("decode", "Decode", category="latent", outputs={"samples": "samples"})
def decode(
    context: NodeContext,
    model: Annotated[ModelValue, "model"],
    latent: Annotated[Latents, "latent"],
    label: Annotated[LabelValue | None, "label"] = None,
    controls: Mapping[str, Any] = param({}, "The decoder's controls that differ from their defaults, by name.", basic=False),
) -> Samples:
    """The samples that latents stand for."""
    opened = context.model(model.reference)
    decoder = _decoder(opened.card, latent)
    found = run(context, opened, decoder, latent, Given(label=label, latents=latent), controls=controls)
    assert isinstance(found, Samples)
    return found


def _decoder(card: ModelCard, latent: Latents) -> SamplerCard:
    """The sampler that takes latents as an input, or the main one where it starts from latents of this shape."""
    takes = next((sampler for sampler in card.samplers if any(port.kind == "latent" for port in sampler.inputs)), None)
    main = main_sampler(card)
    if takes is None and (main.plan.initial is None or main.plan.initial.shape != latent.array.shape[1:]):
        raise StudioError(f"{card.title} cannot decode latents of shape {latent.array.shape[1:]}. Link latents that it encoded.")
    return takes or main
