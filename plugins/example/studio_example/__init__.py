"""A mixture of Gaussians: the plugin to copy."""

from collections.abc import Sequence

from studio.api import GeneratorCard, Paper, Params, hookimpl, param


class MixtureParams(Params):
    """Size of the mixture."""

    components: int = param(16, "Gaussians in the mixture.", ge=1, le=1024, logarithmic=True)
    learning_rate: float = param(0.02, "Learning rate of Adam.", ge=1e-5, le=1.0, logarithmic=True)


MIXTURE = GeneratorCard(
    id="mixture",
    family="hybrid",
    title="Gaussian mixture",
    summary="Covers the data with overlapping Gaussian clouds and draws from one of them.",
    papers=(
        Paper(
            title="Pearson, Contributions to the Mathematical Theory of Evolution, 1894",
            url="https://doi.org/10.1098/rsta.1894.0003",
        ),
    ),
    accepts=("points", "table", "image", "audio"),
    strengths=("Exact likelihood.", "Learns in seconds."),
    weaknesses=("Pictures come out as blurred averages.",),
    presets={"toy": {"components": 16, "steps": 1000, "batch_size": 256}},
    params=MixtureParams,
    implementation=f"{__name__}.mixture:Mixture",
)


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The plugin's methods."""
    return (MIXTURE,)
