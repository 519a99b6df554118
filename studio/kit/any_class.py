"""What "any class" means to a model that needs to know the class: one drawn for each sample."""

import math

import torch
from torch import Tensor

from studio.api.sampler import Noise
from studio.kit.sampler import Given


def noise_for(latent: int, classes: int) -> Noise:
    """Noise of a latent vector, with one number more to draw a class where there are classes."""
    return Noise(shape=(latent + (1 if classes else 0),))


def latent_and_labels(noise: Tensor, given: Given, classes: int) -> tuple[Tensor, Tensor | None]:
    """The latent (n, latent) and labels (n,) in noise of `noise_for`; where "any" is asked for, each class is equally likely."""
    if not classes:
        return noise, None
    uniform = 0.5 * (1 + torch.erf(noise[:, -1] / math.sqrt(2)))
    drawn = (uniform * classes).long().clamp(max=classes - 1)
    return noise[:, :-1], torch.where(given["label"] == classes, drawn, given["label"])
