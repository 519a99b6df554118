"""A score that is worked out step by step, and exported as a loop of one small step."""

import torch
from torch import Tensor

from studio.kit.generator import Score
from studio.kit.sampler import Given, Sampler


class SteppedScore(Score):
    """A score whose value is what a sampler without randomness ends with.

    Attributes:
        walk: takes the score's inputs, makes a fixed number of steps without noise, and ends with (n,).
    """

    walk: Sampler

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        tensors = {"sample": sample, **given}
        nothing = sample.new_empty((sample.shape[0], 0))
        assert isinstance(self.walk.plan.steps, int)
        carry = self.walk.init(nothing, tensors)
        for i in range(self.walk.plan.steps):
            carry = self.walk.step(carry, torch.tensor(i, device=sample.device), nothing, tensors)
        return self.walk.finish(carry)
