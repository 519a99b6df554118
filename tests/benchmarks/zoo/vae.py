"""Variational autoencoders: bounds of the likelihood of held-out pictures, and how exactly they are rebuilt."""

import math
from functools import partial
from typing import Any, cast

import torch
from studio_vae.kl_autoencoder import KLAutoencoder, psnr
from studio_vae.latent_variable import LatentVariableModel, log_mean_exp
from torch import Tensor

from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import leave, train

DRAWS, AT_ONCE = 500, 4000


@torch.no_grad()
def log_weights(model: LatentVariableModel, x: Tensor, labels: Tensor | None) -> Tensor:
    """Of `DRAWS` latents for each picture in nats, (n, DRAWS), seeded."""
    random = torch.Generator().manual_seed(0)
    pieces: list[Tensor] = []
    for first in range(0, len(x), AT_ONCE // DRAWS):
        rows = slice(first, first + AT_ONCE // DRAWS)
        noise = torch.randn(len(x[rows]), DRAWS, model.latent, generator=random)
        pieces.append(model.log_weights(x[rows], noise, None if labels is None else labels[rows]))
    return torch.cat(pieces)


def bits(method: str, data: str, steps: int, batch_size: int, most: int, **params: Any) -> Result:
    """The importance-weighted bound of held-out pictures given their class, in bits per dimension."""
    trained = train(method, data, steps=steps, batch_size=batch_size, **params)
    x = torch.from_numpy(trained.dataset.validation[:most])
    found, labels = trained.dataset.validation_labels, None
    if found is not None:
        labels = torch.from_numpy(found[:most])
    weights = log_weights(cast(LatentVariableModel, trained.generator), x, labels)
    elbo, bound = float(weights.mean()), float(log_mean_exp(weights).mean())
    per_bit = -1 / (x[0].numel() * math.log(2))
    notes = f"ELBO {elbo:.1f} nats = {elbo * per_bit:.3f} bits/dim, IWAE-500 {bound:.1f} nats; {len(x)} held-out pictures"
    return Result(ours=bound * per_bit, cpu_seconds=trained.cpu_seconds, notes=notes)


def rebuilding(steps: int, batch_size: int, **params: Any) -> Result:
    """How exactly held-out emoji are rebuilt: PSNR of the mean squared error over all of them; the picture shows both in turn."""
    trained = train("kl_autoencoder", "emoji", steps=steps, batch_size=batch_size, **params)
    model, x = cast(KLAutoencoder, trained.generator), torch.from_numpy(trained.dataset.validation)
    with torch.no_grad():
        latents = model.encode(x)
        rebuilt = model.decode(latents)
    leave(
        trained, "emoji", torch.stack([x[:18].unflatten(0, (3, 6)), rebuilt[:18].unflatten(0, (3, 6))], 1).flatten(0, 2).numpy()
    )
    errors = (rebuilt - x).square().flatten(1).mean(1)
    size = math.prod(model.latent_shape)
    notes = (
        f"{x[0].numel()} numbers as {size} ({x[0].numel() / size:g} times fewer); mean of each picture's PSNR "
        f"{float(psnr(errors).mean()):.2f} dB; latents' deviation {float(latents.std()):.2f}"
    )
    return Result(ours=float(psnr(errors.mean())), cpu_seconds=trained.cpu_seconds, notes=notes)


def held(steps: int, batch_size: int, capacity: float, **params: Any) -> Result:
    """How far from its capacity the KL term of held-out digits is."""
    trained = train("beta_vae", "digits", steps=steps, batch_size=batch_size, capacity=capacity, **params)
    model, x = cast(LatentVariableModel, trained.generator), torch.from_numpy(trained.dataset.validation)
    found = trained.dataset.validation_labels
    assert found is not None
    with torch.no_grad():
        mean, log_variance = model.posterior(x, torch.from_numpy(found))
    each = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean(0)
    total, used = float(each.sum()), int((each > 0.1).sum())
    notes = f"KL {total:.2f} nats in {used} of {model.latent} latents"
    return Result(ours=abs(total - capacity), cpu_seconds=trained.cpu_seconds, notes=notes)


IWAE_METRIC = "bits/dim, IWAE-500"
LINES = (
    Line(
        name="vae digits bits", method="vae", dataset="digits 8x8", budget="1500 steps of 64", metric=IWAE_METRIC, better="lower",
        measure=partial(bits, "vae", "digits", 1500, 64, 300, output_deviation="pixelwise"),
    ),
    Line(
        name="iwae digits bits", method="iwae", dataset="digits 8x8", budget="1500 steps of 32, 8 draws", metric=IWAE_METRIC,
        better="lower", measure=partial(bits, "iwae", "digits", 1500, 32, 300, output_deviation="pixelwise"),
    ),
    Line(
        name="vae mnist bits", method="vae", dataset="MNIST-5k", budget="500 steps of 64", metric=IWAE_METRIC, better="lower",
        measure=partial(bits, "vae", "mnist", 500, 64, 100, width=24, latent=32, output_deviation="pixelwise"),
    ),
    Line(
        name="beta_vae digits capacity", method="beta_vae", dataset="digits 8x8", budget="1000 steps of 64", better="lower",
        metric="nats between KL and its capacity of 15", measure=partial(held, 1000, 64, 15.0, latent=10, beta=20.0),
    ),
    Line(
        name="kl_autoencoder emoji psnr", method="kl_autoencoder", dataset="Emoji-32", budget="5000 steps of 16", better="higher",
        metric="dB PSNR, held out", target=30.0, measure=partial(rebuilding, 5000, 16, width=48, learning_rate=2e-3),
    ),
)  # fmt: skip
