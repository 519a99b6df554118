"""Numbers as inputs of a model."""

import numpy as np
import pytest

from studio.api import Port, Signature, StudioError, Views
from studio.engine.models.feeding import feed_inputs

SIGNATURE = Signature(space=Views(height=4, width=4, focal=4))
TURN = (Port(name="turn", kind="number"),)


def test_that_numbers_that_are_not_given_are_spread_evenly_over_the_samples():
    fed = feed_inputs(TURN, {}, 4, SIGNATURE)["turn"]
    assert fed.dtype == np.float32
    assert fed.tolist() == [0, 0.25, 0.5, 0.75]


def test_that_given_numbers_are_kept_and_must_be_one_for_each_sample():
    assert feed_inputs(TURN, {"turn": [0.5, 0.1]}, 2, SIGNATURE)["turn"].tolist() == pytest.approx([0.5, 0.1])
    with pytest.raises(StudioError, match="'turn' must have the shape"):
        feed_inputs(TURN, {"turn": [0.5]}, 2, SIGNATURE)
