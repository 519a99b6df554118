"""Noise that depends on seed and place alone."""

import numpy as np

from studio.api import Noise, NoiseStream
from studio.api.noise import slerp

NOISE = Noise(shape=(3, 2))


def test_that_a_sample_has_the_same_noise_in_a_batch_of_any_size():
    large, small = NoiseStream(7, 5), NoiseStream(7, 2, first=3)
    np.testing.assert_array_equal(large.draw(NOISE)[3:], small.draw(NOISE))
    np.testing.assert_array_equal(large.draw(NOISE)[3:], small.draw(NOISE))


def test_that_many_draws_equal_one_after_the_other():
    stream = NoiseStream(1, 4)
    np.testing.assert_array_equal(NoiseStream(1, 4).draw_many(NOISE, 3), np.stack([stream.draw(NOISE) for _ in range(3)]))


def test_that_each_law_has_its_mean_and_spread():
    for law, mean, deviation in (("normal", 0, 1), ("uniform", 0.5, 12**-0.5), ("gumbel", 0.5772, np.pi / 6**0.5)):
        drawn = NoiseStream(0, 200).draw(Noise(shape=(100,), law=law))
        assert abs(drawn.mean() - mean) < 0.03
        assert abs(drawn.std() - deviation) < 0.03


def test_that_spherical_interpolation_keeps_the_length():
    a, b = NoiseStream(0, 2).draw(Noise(shape=(500,)))
    between = slerp(a, b, [0.0, 0.5, 1.0])
    np.testing.assert_allclose(between[0], a, atol=1e-5)
    np.testing.assert_allclose(between[2], b, atol=1e-5)
    assert abs(np.linalg.norm(between[1]) / np.linalg.norm(a) - 1) < 0.1
