"""Tables: can a classifier tell what a method makes from the real rows?"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.neural_network import MLPClassifier

from studio.engine.metrics.c2st import c2st, pooled
from studio.engine.tables import snapped
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import dataset, train

DATA = "breast_cancer"
PAPER = "0.5: no difference (Lopez-Paz and Oquab, 2016, https://arxiv.org/abs/1610.06545)"


def against_real(method: str, steps: int, **params: object) -> Callable[[], Result]:
    """C2ST of as many samples as there are training rows; scikit-learn's classifier on the same folds beside it."""

    def measure() -> Result:
        trained = train(method, DATA, steps=steps, batch_size=128, **params)
        space, real = trained.dataset.signature.space, trained.dataset.train
        made = snapped(trained.sample(len(real)), space)
        held_out = c2st(made, trained.dataset.validation)
        notes = f"against held-out rows {held_out:.3f}; scikit-learn's MLP {by_sklearn(made, real):.3f}"
        return Result(ours=c2st(made, real), cpu_seconds=trained.cpu_seconds, notes=notes)

    return measure


def of_real_rows() -> Result:
    """The measure of no difference: training rows against held-out ones, and a Gaussian fitted to all columns as a peer."""
    data = dataset(DATA)
    real, rng = data.train, np.random.default_rng(0)
    covariance = np.cov(real.T) + 1e-6 * np.eye(real.shape[1])
    fitted = snapped(rng.multivariate_normal(real.mean(0), covariance, len(real)), data.signature.space)
    return Result(ours=c2st(data.validation, real), peer=c2st(fitted, real), notes=f"scikit-learn {by_sklearn(fitted, real):.3f}")


def by_sklearn(made: NDArray[np.float32], real: NDArray[np.float32]) -> float:
    """The same question put to scikit-learn's network on the same samples and folds."""
    x, y, folds = pooled(made, real)
    network = MLPClassifier((64, 64), alpha=0.1, max_iter=80, random_state=0)
    return float(cross_val_score(network, x, y, cv=PredefinedSplit(folds)).mean())


def _line(method: str, steps: int, **params: object) -> Line:
    return Line(
        name=f"{method} {DATA} c2st", method=method, dataset=DATA, budget=f"{steps} steps of 128 rows", metric="C2ST accuracy",
        better="lower", reference=PAPER, published=0.5, measure=against_real(method, steps, **params),
    )  # fmt: skip


LINES = (
    Line(
        name=f"real rows {DATA} c2st", method="held-out rows", dataset=DATA, budget="none", metric="C2ST accuracy",
        better="lower", reference="a Gaussian fitted to all columns, same run", measure=of_real_rows,
    ),
    _line("vae", 2000, latent=16, width=128),
    _line("ddpm", 2000, width=128, depth=2, timesteps=200, schedule="linear"),
    _line("dcgan", 2000, width=128),
    _line("flow_matching", 2000, width=128, depth=2),
    _line("spline", 600),
    _line("r3gan", 1500, width=128),
)  # fmt: skip
