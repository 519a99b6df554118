"""How vectors become codes."""

import math

import torch

from studio.kit.quantize import FiniteScalarQuantizer, VectorQuantizer, entropy, used


def maps(n: int, width: int, side: int = 4, spread: float = 1.0) -> torch.Tensor:
    return spread * torch.randn(n, width, side, side, generator=torch.Generator().manual_seed(0))


def test_that_every_combination_of_levels_is_a_code_of_its_own_and_can_be_reached():
    fsq = FiniteScalarQuantizer([8, 5, 3])
    codes = torch.arange(120).reshape(1, 12, 10)
    vectors = fsq.values(codes)
    assert len(vectors.movedim(1, -1).reshape(-1, 3).unique(dim=0)) == 120
    assert vectors.abs().max() == 1
    torch.testing.assert_close(fsq.snap(vectors + 0.05 * maps(1, 3, 1).sign()), vectors)
    assert used(fsq.tokens(maps(400, 3, spread=2.0)), 120) == 1


def test_that_vectors_beyond_the_outermost_levels_become_these():
    fsq = FiniteScalarQuantizer([8, 5, 3])
    outermost = torch.tensor([0.75, 1.0, 1.0])[:, None, None].expand(1, 3, 1, 1)
    torch.testing.assert_close(fsq.snap(torch.full((1, 3, 1, 1), 9.0)), outermost)
    torch.testing.assert_close(fsq.snap(torch.full((1, 3, 1, 1), -9.0)), torch.full((1, 3, 1, 1), -1.0))


def test_that_a_rounded_vector_is_its_code_s_and_zero_stays_zero():
    fsq = FiniteScalarQuantizer([8, 5, 3])
    z = maps(50, 3)
    coded = fsq(z)
    torch.testing.assert_close(coded.values, fsq.values(coded.tokens))
    assert torch.equal(coded.tokens, fsq.tokens(z))
    assert (coded.values - fsq.bounded(z) / fsq.middle).abs().max() <= 0.5 + 1e-5
    torch.testing.assert_close(fsq.bounded(torch.zeros(1, 3, 1, 1)), torch.zeros(1, 3, 1, 1))


def test_that_rounding_to_levels_lets_the_gradient_through():
    fsq = FiniteScalarQuantizer([5, 5])
    z = maps(1, 2).requires_grad_()
    (through,) = torch.autograd.grad(fsq(z).values.sum(), z)
    (around,) = torch.autograd.grad((fsq.bounded(z) / fsq.middle).sum(), z)
    torch.testing.assert_close(through, around)
    assert through.abs().min() > 0


def test_that_a_vector_becomes_the_nearest_entry_and_is_drawn_to_it():
    vq = VectorQuantizer(codes=6, width=3, commitment=0.5)
    z = maps(5, 3).requires_grad_()
    coded = vq(z)
    points = z.detach().movedim(1, -1)
    assert torch.equal(coded.tokens, (points[..., None, :] - vq.codebook).square().sum(-1).argmin(-1))
    torch.testing.assert_close(coded.values, vq.codebook[coded.tokens].movedim(-1, 1))
    torch.testing.assert_close(torch.autograd.grad(coded.values.sum(), z, retain_graph=True)[0], torch.ones_like(z))
    pull = 0.5 * 2 * (z - coded.values) / z.numel()
    torch.testing.assert_close(torch.autograd.grad(coded.loss, z)[0], pull.detach())


def test_that_entries_become_the_means_of_the_vectors_that_choose_them():
    vq = VectorQuantizer(codes=2, width=1, decay=0.9)
    vq.codebook.copy_(torch.tensor([[-1.0], [1.0]]))
    vq.sizes.fill_(8.0)
    vq.sums.copy_(8 * vq.codebook)
    z = torch.tensor([-3.0, -2.0, -1.0, 4.0, 5.0, 6.0]).reshape(6, 1, 1, 1)
    vq.learn(z)
    torch.testing.assert_close(vq.codebook, torch.tensor([[-(7.2 + 0.6) / 7.5], [(7.2 + 1.5) / 7.5]]))
    for _ in range(200):
        vq.learn(z)
    torch.testing.assert_close(vq.codebook, torch.tensor([[-2.0], [5.0]]))


def test_that_dead_entries_come_alive_where_vectors_are():
    torch.manual_seed(0)
    vq = VectorQuantizer(codes=32, width=2)
    vq.codebook.add_(100.0)
    z = maps(64, 2)
    vq.learn(z)
    points = z.movedim(1, -1).reshape(-1, 2)
    away = (vq.codebook[:, None] - points).abs().sum(2).min(1).values
    assert (away < 1e-4).sum() >= 31
    assert used(vq.tokens(z), 32) > 0.9


def test_that_usage_and_perplexity_are_of_the_frequencies():
    tokens = torch.tensor([[0, 0, 1, 3]])
    assert used(tokens, 4) == 0.75
    assert math.isclose(entropy(tokens, 4), 1.5 * math.log(2), rel_tol=1e-6)
