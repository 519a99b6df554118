"""The denoising diffusion GAN on 25 Gaussians, without their labels."""

from studio.engine.datasets.mixture import Mixture
from studio.engine.metrics.modes import high_quality, modes_covered
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import train, without_classes

SAMPLES = 5000


def modes() -> Result:
    """The modes that 5,000 samples of four steps reach, and the share within three sigma of one."""
    data = without_classes("twentyfive_gaussians")
    trained = train(
        "diffusion_gan", data, steps=12_000, batch_size=128, width=96, depth=2, latent=4, spacing=2.5,
        loss="relativistic", octaves=5, penalty=0.05, penalty_left=0.02, learning_rate=1e-3,
    )  # fmt: skip
    truth, samples = data.log_density, trained.sample(SAMPLES)
    assert isinstance(truth, Mixture)
    notes = f"{100 * high_quality(samples, truth):.1f} % within 3 sigma (real data: 98.9 %)"
    return Result(ours=modes_covered(samples, truth), cpu_seconds=trained.cpu_seconds, notes=notes)


LINES = (
    Line(
        "diffusion_gan 25 gaussians", "diffusion_gan", "25 Gaussians", "12,000 steps of 128, 4 evaluations a sample",
        "modes reached by 5,000 samples, of 25", "higher", modes, target=25,
        reference="VEEGAN in one step, Srivastava et al. 2017", published=24.6,
    ),
)  # fmt: skip
