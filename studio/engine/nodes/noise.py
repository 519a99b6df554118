"""Where generation starts."""

from typing import Annotated

from studio.api.node import NodeContext, node
from studio.api.params import param
from studio.api.values import Latents, ModelValue
from studio.engine.nodes.starting import draw


@node("noise", "Noise", category="input", outputs={"latent": "latent"})
def noise(
    context: NodeContext,
    model: Annotated[ModelValue, "model"],
    seed: int = param(0, "The same seed gives the same samples, here and everywhere.", ge=0, le=2**53),
    count: int = param(16, "How many samples.", ge=1, le=4096),
) -> Latents:
    """Random starting points for a model: sample k depends on the seed and on k alone."""
    return draw(context.model(model.reference).card, seed, count)
