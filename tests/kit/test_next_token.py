"""The recipe that every decoder learns by."""

import math

import numpy as np
import pytest
import torch

from studio.api import Dataset, Params, Signature, Tokens, param
from studio.kit.networks.decoder_transformer import DecoderTransformer
from studio.kit.next_token import NextToken, stretches
from studio.kit.source import Batch, Source
from studio.kit.training import Settings, Training

SPACE = Tokens(vocabulary=("a", "ö", "b", "c"), length=8)


class Recipe(Params):
    learning_rate: float = param(0.5, "Rate.", ge=0)
    final_rate: float = param(0.1, "Rate.", ge=0)
    weight_decay: float = param(0.3, "Decay.", ge=0)


class Silent:
    """A recorder that keeps nothing."""

    def report(self, event) -> None: ...
    def save(self, step, tensors, facts) -> None: ...
    def preview(self, step, samples, insights) -> None: ...


def stage() -> NextToken:
    torch.manual_seed(0)
    return NextToken(DecoderTransformer(4, 8, 16, 1, 2), Recipe(), 8)


def source(stream: list[int]) -> Source:
    data = np.array(stream, np.int64)
    return Source(Dataset(Signature(space=SPACE), data, data), 2, 0, torch.device("cpu"))


def rate_after(steps: int, of: int) -> float:
    made, training = stage(), Training(Settings(steps=of), Silent())
    training.stage_steps, training.stage_step = of, steps
    state = made.setup(training)
    made.step(state, Batch(torch.zeros(2, 9, dtype=torch.int64)), training)
    return state.optimizer.param_groups[0]["lr"]


def test_that_the_rate_warms_up_over_a_hundred_steps_and_ends_at_its_share():
    assert rate_after(0, 10**6) == pytest.approx(0.005, rel=1e-3)
    assert rate_after(99, 10**6) == pytest.approx(0.5, rel=1e-3)
    assert rate_after(500, 1000) == pytest.approx(0.5 * 0.55)
    assert rate_after(1000, 1000) == pytest.approx(0.05)


def test_that_matrices_decay_and_vectors_do_not():
    decayed, plain = stage().setup(Training(Settings(), Silent())).optimizer.param_groups
    assert (decayed["weight_decay"], plain["weight_decay"]) == (0.3, 0.0)
    assert {weight.dim() for weight in decayed["params"]} == {2}
    assert {weight.dim() for weight in plain["params"]} == {1}


def test_that_an_even_guess_costs_the_bits_of_a_symbol_and_a_byte_its_share():
    made = stage()
    torch.nn.init.zeros_(made.decoder.norm.weight)
    with torch.no_grad():
        told = made.validate(source([0, 1, 1, 1] * 10), Training(Settings(), Silent()))
    assert told["validation_loss"] == pytest.approx(math.log(4), abs=1e-6)
    assert told["bits_per_byte"] == pytest.approx(2 / 1.75, abs=1e-5)


def test_that_stretches_reach_from_the_beginning_to_the_end_of_a_stream():
    found = stretches(torch.arange(41), 8, 3)
    assert found.shape == (3, 9)
    assert (int(found[0, 0]), int(found[-1, -1])) == (0, 40)
    assert len(stretches(torch.arange(41), 8, 10**9)) == 5
