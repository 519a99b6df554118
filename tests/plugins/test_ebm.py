"""The energy-based model's own mathematics."""

import torch
from studio_ebm.cards.ebm import EBMParams
from studio_ebm.ebm import EBM, ContrastiveDivergence
from studio_ebm.energy import Energy
from studio_ebm.langevin import STEEPEST, move
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
    assert int(moved.sum()) == 8
    assert float((buffer.samples - before).abs().max()) < 0.1


def test_that_restarted_chains_begin_from_noise():
    torch.manual_seed(0)
    buffer = ReplayBuffer(400, (2,), torch.device("cpu"))
    buffer.samples.fill_(100.0)
    _, chains = buffer.draw(400, restart=0.25)
    assert 60 < int((chains < 50).all(1).sum()) < 140
