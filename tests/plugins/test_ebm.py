"""The energy-based model's own mathematics."""

import torch
from studio_ebm.cards.ebm import EBMParams
from studio_ebm.ebm import EBM, ContrastiveDivergence
from studio_ebm.energy import Energy
from studio_ebm.langevin import STEEPEST, move
from studio_ebm.metropolis import Place, Walk, advance
from studio_ebm.replay import ReplayBuffer

from studio.api import Image, Points, Signature
from studio.kit.gradgraph import input_gradient

SIGNATURE = Signature(space=Points(dimensions=2), classes=("a", "b"))


def test_that_a_long_walk_in_a_parabola_is_its_gaussian():
    torch.manual_seed(0)
    x = torch.zeros(4000, 2)
    for _ in range(400):
        x = move(x, (x - 1) / 0.25, 0.1, torch.randn_like(x))
    torch.testing.assert_close(x.mean(0), torch.ones(2), atol=0.03, rtol=0.0)
    torch.testing.assert_close(x.std(0), torch.full((2,), 0.5), atol=0.03, rtol=0.0)


def test_that_no_cliff_throws_a_chain_farther_than_the_limit():
    thrown = move(torch.zeros(1, 2), torch.tensor([[1e9, -1e9]]), 0.1, torch.zeros(1, 2))
    torch.testing.assert_close(thrown, torch.tensor([[-0.1 * STEEPEST, 0.1 * STEEPEST]]))


def test_that_the_energy_of_any_class_sums_the_densities_of_the_classes():
    torch.manual_seed(0)
    for space in (Points(dimensions=2), Image(height=8, width=8, channels=1)):
        energy = Energy(space, 16, 1, 3)
        x = torch.randn(5, *space.shape)
        each = torch.stack([(-energy(x, torch.full((5,), k))).exp() for k in range(3)]).sum(0)
        for anything in (None, torch.full((5,), 3)):
            torch.testing.assert_close((-energy(x, anything)).exp(), each)


def test_that_an_energy_begins_close_to_the_normal_density_that_chains_begin_from():
    energy = Energy(Points(dimensions=2), 16, 1, 0)
    torch.nn.init.zeros_(energy.network.last.weight)
    x = torch.randn(6, 2)
    torch.testing.assert_close(input_gradient(energy, x)[1], x)


def test_that_chains_go_on_where_they_were_left():
    torch.manual_seed(0)
    ebm = EBM(SIGNATURE, EBMParams(width=16, depth=1, restart=0.0, langevin_steps=1, step_size=0.01))
    buffer = ReplayBuffer(32, (2,), torch.device("cpu"))
    before = buffer.samples.clone()
    ContrastiveDivergence(ebm).continue_chains(buffer, 8)
    moved = (buffer.samples != before).any(1)
    assert 6 <= int(moved.sum()) <= 8
    assert float((buffer.samples - before).abs().max()) < 0.1


def test_that_restarted_chains_begin_from_noise():
    torch.manual_seed(0)
    buffer = ReplayBuffer(400, (2,), torch.device("cpu"))
    buffer.samples.fill_(100.0)
    _, chains = buffer.draw(400, restart=0.25)
    assert 60 < int((chains < 50).all(1).sum()) < 140


def test_that_pictures_begin_anew_whatever_their_energy_and_points_only_where_it_allows():
    torch.manual_seed(0)
    for space, begun in ((Image(height=8, width=8, channels=1), True), (Points(dimensions=2), False)):
        params = EBMParams(width=16, depth=1, restart=1.0, langevin_steps=1, step_size=0.01, chains=64)
        ebm, buffer = EBM(Signature(space=space), params), ReplayBuffer(64, space.shape, torch.device("cpu"))
        before = buffer.samples.clone()
        ebm.network = _Pit(before)
        ContrastiveDivergence(ebm).continue_chains(buffer, 64)
        assert bool(((buffer.samples - before).flatten(1).abs().amax(1) > 0.1).float().mean() > 0.9) == begun


class _Pit(torch.nn.Module):
    """An energy so low at some places that none may leave them."""

    def __init__(self, places: torch.Tensor) -> None:
        super().__init__()
        self.places = places.flatten(1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1e4 * torch.cdist(x.flatten(1), self.places).amin(1)


def test_that_leaps_give_far_modes_their_masses_where_moves_alone_do_not():
    masses = {restart: float((walked(_two, restart)[:, 0] > 0.5).float().mean()) for restart in (0.0, 0.5)}
    assert abs(masses[0.5] - 0.8) < 0.03
    assert masses[0.0] < 0.6


def test_that_the_chain_is_exact_at_steps_at_which_plain_langevin_is_not():
    x = walked(lambda x: 0.5 * (x / 0.2).square().sum(1), 0.1, step_size=0.25)
    torch.testing.assert_close(x.std(0), torch.full((2,), 0.2), atol=0.008, rtol=0.0)


def test_that_a_warmer_chain_is_wider_and_one_without_heat_rests_at_the_bottom():
    bowl = lambda x: 0.5 * (x / 0.2).square().sum(1)  # noqa: E731
    warm = walked(bowl, 0.1, temperature=2.0)
    torch.testing.assert_close(warm.std(0), torch.full((2,), 0.2 * 2**0.5), atol=0.012, rtol=0.0)
    assert float(walked(bowl, 0.0, temperature=0.0).abs().amax()) < 0.02


def _two(x: torch.Tensor) -> torch.Tensor:
    """Gaussians at (-0.5, 0) and (1.5, 0) of masses 0.2 and 0.8."""
    squares = torch.stack([(x - torch.tensor([centre, 0.0])).square().sum(1) for centre in (-0.5, 1.5)], 1) / (2 * 0.25**2)
    return -(torch.tensor([0.2, 0.8]).log() - squares).logsumexp(1)


def walked(energy, restart: float, *, step_size: float = 0.15, temperature: float = 1.0, n: int = 4000) -> torch.Tensor:
    """Where chains from normal noise are after 300 steps, (n, 2)."""
    torch.manual_seed(0)
    look = lambda x: Place(x, *input_gradient(energy, x))  # noqa: E731
    walk = Walk(step_size, torch.tensor(temperature), restart)
    here = look(torch.randn(n, 2))
    for _ in range(300):
        here = advance(here, look, walk, torch.randn(n, 2), torch.rand(n, 2))
    return here.x
