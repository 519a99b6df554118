"""The networks of Stable Diffusion 1.x and 2.x as Optimum exported them: four graphs."""

from studio.kit.foreign_graph import ForeignGraph, output_names

from .pipeline_folder import GRAPH, Pipeline
from .pipeline_parts import Parts, latent_shape, picture_shape, text_config

MOMENTS, SAMPLE = "latent_parameters", "latent_sample"
"""What the encoder of pictures gives: means with the logarithms of variances, or a sample, which is the mean without chance."""


def open_graphs(pipeline: Pipeline) -> Parts:
    """The graphs in a folder that the engine has looked at.

    Raises:
        StudioError: one does not take or give what Optimum's do.
    """
    text, latents = text_config(pipeline, "text_encoder"), latent_shape(pipeline)
    encoder = pipeline.folder / "vae_encoder" / GRAPH
    moments = {MOMENTS: (2 * latents[0], *latents[1:])} if MOMENTS in output_names(encoder) else {SAMPLE: latents}
    said = {"last_hidden_state": (text["max_position_embeddings"], text["hidden_size"])}
    unet = ["sample", "timestep", "encoder_hidden_states"]
    return Parts(
        text=[ForeignGraph(pipeline.folder / "text_encoder" / GRAPH, ["input_ids"], said)],
        denoiser=ForeignGraph(pipeline.folder / "unet" / GRAPH, unet, {"out_sample": latents}),
        encoder=ForeignGraph(encoder, ["sample"], moments),
        decoder=ForeignGraph(pipeline.folder / "vae_decoder" / GRAPH, ["latent_sample"], {"sample": picture_shape(pipeline)}),
    )
