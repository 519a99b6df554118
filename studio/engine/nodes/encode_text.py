"""From words to what a denoiser looks at."""

from dataclasses import replace
from typing import Annotated

import numpy as np

from studio.api.errors import StudioError
from studio.api.node import NodeContext, node
from studio.api.values import Conditioning, Latents, ModelValue, TextValue
from studio.engine.nodes.feeding import Given
from studio.engine.nodes.running import run

NOTHING = Latents(np.empty((1, 0), np.float32))


@node("encode_text", "Encode text", category="text", outputs={"conditioning": "conditioning"})
def encode_text(
    context: NodeContext,
    model: Annotated[ModelValue, "model"],
    text: Annotated[TextValue, "text"],
) -> Conditioning:
    """What a model's text encoder makes of a prompt."""
    opened = context.model(model.reference)
    encoder = next((sampler for sampler in opened.card.samplers if sampler.output.kind == "conditioning"), None)
    if encoder is None:
        raise StudioError(f"{opened.card.title} has no text encoder of its own. Link the prompt to 'Sample' instead.")
    found = run(context, opened, encoder, NOTHING, Given(prompt=text), controls={})
    assert isinstance(found, Conditioning)
    return replace(found, text=text.text)
