"""Structured state-space duality: one recurrence, in three forms."""

import pytest
import torch
from studio_mamba.cards.mamba2 import Mamba2Params
from studio_mamba.mamba2 import DualMixer, Mamba2, ssd

from studio.api import Signature, StudioError, Tokens


def streams(tokens: int, *, least: float = -0.5) -> tuple[torch.Tensor, ...]:
    """Inputs of three heads, the logarithms of their decays, B and C."""
    random = torch.Generator().manual_seed(0)
    x = torch.randn(2, tokens, 3, 5, generator=random)
    log_decay = torch.rand(2, tokens, 3, generator=random) * least
    b, c = (torch.randn(2, tokens, 4, generator=random) for _ in range(2))
    return x, log_decay, b, c


def recurrent(x: torch.Tensor, log_decay: torch.Tensor, b: torch.Tensor, c: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    state, outputs = torch.zeros(2, 4, 3, 5, dtype=x.dtype), []
    for t in range(x.shape[1]):
        state = log_decay[:, t].exp()[:, None, :, None] * state + torch.einsum("ns,nhp->nshp", b[:, t], x[:, t])
        outputs.append(torch.einsum("ns,nshp->nhp", c[:, t], state))
    return torch.stack(outputs, dim=1), state


@pytest.mark.parametrize(("tokens", "chunk"), [(1, 4), (4, 4), (5, 4), (23, 8), (64, 16), (9, 32)])
def test_that_matrix_products_in_chunks_are_the_recurrence(tokens, chunk):
    inputs = [tensor.double() for tensor in streams(tokens)]
    for ours, expected in zip(ssd(*inputs, chunk), recurrent(*inputs), strict=True):
        torch.testing.assert_close(ours, expected)


def test_that_without_decay_it_is_linear_attention():
    x, log_decay, b, c = streams(10, least=0.0)
    expected = torch.einsum("nts,nus,nuhp,tu->nthp", c, b, x, torch.ones(10, 10).tril())
    torch.testing.assert_close(ssd(x, log_decay, b, c, 4)[0], expected, atol=1e-5, rtol=1e-5)


def test_that_a_state_that_is_forgotten_at_once_overflows_nothing():
    inputs = [tensor.requires_grad_() for tensor in streams(64, least=-2000.0)]
    y, _ = ssd(*inputs, 16)
    y.sum().backward()
    assert y.isfinite().all()
    assert all(tensor.grad.isfinite().all() for tensor in inputs)


def test_that_a_head_has_one_decay_and_all_heads_read_alike():
    torch.manual_seed(0)
    mixer = DualMixer(width=16, inner=32, head_width=8, state=4, kernel=4)
    x, log_decay, delta, b, c = mixer.heads(torch.randn(2, 40), torch.randn(2, 4))
    assert x.shape == (2, 4, 8)
    assert log_decay.shape == delta.shape == (2, 4)
    assert b.shape == c.shape == (2, 4)
    torch.testing.assert_close(log_decay, -mixer.log_rates.exp() * delta)
    assert ((mixer.log_rates >= 0) & (mixer.log_rates.exp() <= 16)).all()


def test_that_the_gate_closes_before_the_norm():
    torch.manual_seed(0)
    mixer = DualMixer(width=16, inner=32, head_width=8, state=4, kernel=4)
    y, x, gate = torch.randn(1, 4, 8), torch.randn(1, 4, 8), torch.randn(1, 32)
    torch.testing.assert_close(mixer.gated(y, x, gate), mixer.gated(100 * y, 100 * x, gate), atol=1e-3, rtol=1e-3)
    gate[:, :16] = 0
    half = mixer.norm.weight.clone()
    half[16:] = 0
    mixer.norm.weight.data = half
    torch.testing.assert_close(mixer.gated(y, x, gate), torch.zeros(1, 16))


def test_that_heads_which_do_not_divide_the_channels_are_refused():
    signature = Signature(space=Tokens(vocabulary=("a", "b"), length=8))
    with pytest.raises(StudioError, match="48 does not divide 256"):
        Mamba2(signature, Mamba2Params(head_width=48))
