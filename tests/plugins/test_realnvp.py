"""Real NVP's own mathematics."""

import torch
from studio_flow.realnvp import Checkerboard


def test_that_a_checkerboard_leaves_one_colour_and_lets_it_alone_decide_about_the_other():
    torch.manual_seed(0)
    board = Checkerboard((2, 4, 4), swap=False, width=8, depth=1, context=0)
    torch.nn.init.normal_(board.network.last.weight)
    x = torch.randn(1, 2, 4, 4)
    z, _ = board(x, None)
    given = board.given.bool().expand_as(x)
    assert torch.equal(z[given], x[given])
    assert (z[~given] != x[~given]).all()
    changed = torch.where(given, x, x + 1)
    slope = (board(changed, None)[0] - z)[~given]
    log_scale = board.function.bound * torch.tanh(board.parameters_for(x, None)[..., 0])
    torch.testing.assert_close(slope, log_scale.exp()[~given])


def test_that_two_checkerboards_change_every_pixel():
    first, second = (Checkerboard((1, 4, 6), swap=swap, width=8, depth=1, context=0).given for swap in (False, True))
    assert torch.equal(first + second, torch.ones(4, 6))
