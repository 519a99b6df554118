"""OT-CFM's own mathematics."""

import itertools

import numpy as np
import torch
from studio_flow_matching.cards.ot_cfm import OTCFMParams
from studio_flow_matching.ot_cfm import OTCFM, TransportedPairs, transport

from studio.api import Dataset, Points, Signature
from studio.kit.source import Source
from studio.kit.training import Settings, Training

PLANE = Signature(space=Points(dimensions=2))


def source(seed=0):
    points = np.random.default_rng(0).standard_normal((40, 2)).astype(np.float32)
    return Source(Dataset(PLANE, points, points), 8, seed, torch.device("cpu"))


def test_that_no_other_order_of_the_sources_is_nearer():
    start, end = torch.randn(5, 2), torch.randn(5, 2)
    best = min((start[list(order)] - end).square().sum() for order in itertools.permutations(range(5)))
    torch.testing.assert_close((transport(start, end, None) - end).square().sum(), best)


def test_that_pictures_are_matched_by_their_pixels():
    end = torch.randn(6, 1, 4, 4)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    torch.testing.assert_close(transport(end[order] + 0.01, end, None), end + 0.01)


def test_that_the_noise_of_a_class_stays_with_it():
    start, labels = torch.randn(40, 2), torch.arange(40) % 3
    moved = transport(start, start.flip(0), labels)
    for label in range(3):
        assert set(map(tuple, moved[labels == label].tolist())) == set(map(tuple, start[labels == label].tolist()))
    assert not torch.equal(moved, start)


def test_that_batches_matched_together_hold_the_same_samples_and_resume_anywhere():
    stage = TransportedPairs(OTCFM(PLANE, OTCFMParams(width=8, batches_together=3)))
    whole = stage.data(source())
    pairs = [whole(step) for step in range(6)]
    plain = source().batches()
    for step, pair in enumerate(pairs):
        assert torch.equal(pair.x, plain(step).x)
    resumed = stage.data(source())(4)
    assert torch.equal(resumed.x, pairs[4].x)
    assert torch.equal(resumed.start, pairs[4].start)
    group = torch.cat([pair.start for pair in pairs[3:]]), torch.cat([pair.x for pair in pairs[3:]])
    torch.testing.assert_close(transport(*group, None), group[0])


def test_that_noise_about_the_paths_leaves_their_velocities():
    stage = TransportedPairs(OTCFM(PLANE, OTCFMParams(width=8, sigma=0.5)))
    seen = []
    stage.loss = lambda network, pair, time: seen.append(pair) or next(network.parameters()).sum()
    training = Training(Settings(), None)
    pair = stage.data(source())(0)
    stage.step(stage.setup(training), pair, training)
    torch.testing.assert_close(seen[0].x - seen[0].start, pair.x - pair.start)
    assert 0.3 < (seen[0].x - pair.x).std() < 0.7
