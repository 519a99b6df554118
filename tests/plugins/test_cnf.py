"""CNF's own mathematics."""

import numpy as np
import pytest
import torch
from studio_flow_matching.cards.cnf import CNFParams
from studio_flow_matching.cnf import CNF, rademacher

from studio.api import Dataset, Image, Points, Signature, StudioError
from studio.kit.source import Source
from studio.kit.training import Fit, Settings

PLANE = Signature(space=Points(dimensions=2))


class Nothing:
    """A recorder that stops nothing."""

    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, *shown): ...


def test_that_what_training_maximises_is_what_the_score_says():
    torch.manual_seed(0)
    flow = CNF(PLANE, CNFParams(width=16, evaluations=16)).eval()
    x = torch.randn(7, 2)
    trained, _ = flow.log_prob(flow.average, x, None)
    torch.testing.assert_close(trained, flow.scores()["log_prob"].score(x, x[:, :0], {}), atol=1e-3, rtol=1e-3)


def test_that_the_estimate_of_ffjord_is_exact_on_average():
    torch.manual_seed(0)
    flow = CNF(PLANE, CNFParams(width=16, evaluations=8)).eval()
    x = torch.randn(3, 2)
    repeated = x.repeat(2000, 1)
    estimates = flow.log_prob(flow.average, repeated, None, rademacher(repeated))[0].reshape(2000, 3)
    error = estimates.std(0) / 2000**0.5
    assert (estimates.mean(0) - flow.log_prob(flow.average, x, None)[0]).abs().le(5 * error + 1e-5).all()


def test_that_the_kinetic_energy_of_a_steady_wind_is_half_its_squared_speed():
    flow = CNF(PLANE, CNFParams(width=16, evaluations=8))
    _, energy = flow.log_prob(lambda x, time, labels: torch.tensor([3.0, 4.0]).expand_as(x) + 0 * x, torch.randn(5, 2), None)
    torch.testing.assert_close(energy, torch.full((5,), 12.5))


def test_that_a_gaussian_is_learned_by_likelihood_alone():
    rng = np.random.default_rng(0)
    points = (rng.standard_normal((2000, 2)) * [0.5, 1.5] + [1.0, -0.5]).astype(np.float32)
    torch.manual_seed(0)
    flow = CNF(PLANE, CNFParams(width=16, evaluations=4, learning_rate=2e-2, ema=0.8))
    settings = Settings(steps=70, batch_size=128, preview_every=1e9, checkpoint_every=1e9, previews=2, insights=False)
    Fit(flow, Source(Dataset(PLANE, points, points), 128, 0, settings.device), settings, Nothing()).run()
    entropy = 1 + np.log(2 * np.pi) + np.log(0.5 * 1.5)
    x = torch.from_numpy(points)
    with torch.no_grad():
        assert -flow.eval().log_prob(flow.average, x, None)[0].mean() < entropy + 0.05


def test_that_pictures_are_refused_in_words():
    with pytest.raises(StudioError, match="points or table"):
        CNF(Signature(space=Image(height=8, width=8, channels=1)), CNFParams())
