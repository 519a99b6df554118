"""From samples to what the model knows of them."""

from collections.abc import Mapping
from typing import Annotated, Any

from studio.api.errors import StudioError
from studio.api.node import NodeContext, node
from studio.api.params import param
from studio.api.sampler import SamplerCard
from studio.api.values import Latents, ModelValue, Samples
from studio.engine.nodes.feeding import Given
from studio.engine.nodes.running import run
from studio.engine.nodes.starting import draw


@node("encode", "Encode", category="latent", outputs={"latent": "latent"})
def encode(
    context: NodeContext,
    model: Annotated[ModelValue, "model"],
    samples: Annotated[Samples, "samples"],
    controls: Mapping[str, Any] = param({}, "The encoder's controls that differ from their defaults, by name.", basic=False),
) -> Latents:
    """The latents of samples, by a model that can encode."""
    opened = context.model(model.reference)
    encoder = next((sampler for sampler in opened.card.samplers if _encodes(sampler)), None)
    if encoder is None:
        raise StudioError(f"{opened.card.title} cannot encode. Choose a model that can, such as a variational autoencoder.")
    start = draw(opened.card, 0, len(samples.array))
    found = run(context, opened, encoder, start, Given(samples=samples), controls=controls)
    assert isinstance(found, Latents)
    return found


def _encodes(sampler: SamplerCard) -> bool:
    return sampler.output.kind == "latent" and not any(port.kind == "conditioning" for port in sampler.inputs)
