"""Glow's own mathematics."""

import copy

import torch
from studio_flow.invertible_linear import InvertibleLinear


def moved() -> InvertibleLinear:
    torch.manual_seed(0)
    layer = InvertibleLinear((5, 2, 3))
    with torch.no_grad():
        for weight in layer.parameters():
            weight.add_(0.3 * torch.randn_like(weight))
    return layer


def test_that_a_new_mixing_matrix_is_a_rotation():
    weight = InvertibleLinear((6,)).weight()
    torch.testing.assert_close(weight @ weight.T, torch.eye(6), atol=1e-5, rtol=0)


def test_that_the_sum_of_the_logarithms_of_the_diagonal_is_the_log_determinant():
    layer = moved()
    expected = 6 * torch.linalg.slogdet(layer.weight()).logabsdet
    torch.testing.assert_close(layer(torch.randn(2, 5, 2, 3), None)[1], expected)


def test_that_evaluation_bakes_the_matrix_of_the_present_weights_and_its_inverse():
    layer = moved()
    x = torch.randn(2, 5, 2, 3)
    trained, _ = layer(x, None)
    layer.eval()
    torch.testing.assert_close(layer(x, None)[0], trained)
    torch.testing.assert_close(layer.inverse(trained, None), x, atol=1e-5, rtol=0)


def test_that_loaded_weights_are_baked_at_once():
    source = moved()
    copied = copy.deepcopy(source)
    with torch.no_grad():
        for weight in copied.parameters():
            weight.add_(0.1)
    copied.eval().load_state_dict(source.state_dict())
    x = torch.randn(2, 5, 2, 3)
    torch.testing.assert_close(copied.inverse(source(x, None)[0], None), x, atol=1e-5, rtol=0)
