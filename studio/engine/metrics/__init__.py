"""How near generated samples are to real ones; each metric is a plain function of two arrays."""

from collections.abc import Sequence

from studio.api import MetricCard, hookimpl
from studio.api.card import SpaceKind

SEEN: tuple[SpaceKind, ...] = ("image", "audio")
VECTORS: tuple[SpaceKind, ...] = ("points", "table")
TEXTS: tuple[SpaceKind, ...] = ("tokens",)
SCENES: tuple[SpaceKind, ...] = ("views",)


def _card(
    title: str,
    summary: str,
    accepts: tuple[SpaceKind, ...],
    *,
    of: str,
    paper: str,
    unit: str = "",
    higher_is_better: bool = False,
) -> MetricCard:
    return MetricCard(
        id=of.split(":")[1].removesuffix("_distance"), title=title, summary=summary, accepts=accepts, unit=unit,
        higher_is_better=higher_is_better, paper=paper, implementation=f"studio.engine.metrics.{of}",
    )  # fmt: skip


PRDC = "https://arxiv.org/abs/2002.09797"
CARDS = (
    _card(
        "Fréchet distance", "Distance of two Gaussians fitted to features of a small network of our own; not FID.",
        SEEN, of="frechet:frechet_distance", paper="https://arxiv.org/abs/1706.08500",
    ),
    _card(
        "Precision", "Share of generated samples that lie among real ones.",
        SEEN + VECTORS, of="prdc:precision", paper="https://arxiv.org/abs/1904.06991", higher_is_better=True,
    ),
    _card(
        "Recall", "Share of real samples that lie among generated ones.",
        SEEN + VECTORS, of="prdc:recall", paper="https://arxiv.org/abs/1904.06991", higher_is_better=True,
    ),
    _card(
        "Density", "Real neighbourhoods around a generated sample, against chance; about 1 for real samples.",
        SEEN + VECTORS, of="prdc:density", paper=PRDC, higher_is_better=True,
    ),
    _card(
        "Coverage", "Share of real samples with a generated one near; drops when modes are lost.",
        SEEN + VECTORS, of="prdc:coverage", paper=PRDC, higher_is_better=True,
    ),
    _card(
        "MMD²", "Squared maximum mean discrepancy under a Gaussian kernel; about 0 for real samples.",
        SEEN + VECTORS, of="mmd:mmd", paper="https://jmlr.org/papers/v13/gretton12a.html",
    ),
    _card(
        "Sliced W2", "Wasserstein-2 distance of one-dimensional shadows, averaged over directions.",
        VECTORS, of="sliced_wasserstein:sliced_wasserstein", paper="https://doi.org/10.1007/s10851-014-0506-3",
    ),
    _card(
        "C2ST", "How often a small classifier tells generated from real samples; 0.5 where it can but guess.",
        VECTORS, of="c2st:c2st", paper="https://arxiv.org/abs/1610.06545",
    ),
    _card(
        "Trigram divergence", "How far three-symbol sequences are from the real text, beyond chance.",
        TEXTS, of="trigram:trigram_divergence", paper="https://doi.org/10.1109/18.61115", unit="bit",
    ),
    _card(
        "Copied", "Share of sequences of 24 symbols that stand word for word in the real text.",
        TEXTS, of="copied:copied", paper="https://arxiv.org/abs/2202.07646",
    ),
    _card(
        "PSNR", "Peak signal to noise of held-out views, rendered from their cameras.",
        SCENES, of="psnr:psnr", paper="https://arxiv.org/abs/2003.08934", unit="dB", higher_is_better=True,
    ),
    _card(
        "SSIM", "Structural similarity of held-out views, rendered from their cameras.",
        SCENES, of="ssim:ssim", paper="https://doi.org/10.1109/TIP.2003.819861", higher_is_better=True,
    ),
)  # fmt: skip


@hookimpl
def studio_metrics() -> Sequence[MetricCard]:
    """The cards above."""
    return CARDS
