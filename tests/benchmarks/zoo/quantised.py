"""Pictures as codes: how exactly they come back, how many codes they use, and what a prior knows of the codes, on Emoji-32."""

import math
from functools import cache, partial
from typing import cast

import torch
from studio_hybrid.two_stages import TwoStages
from torch import Tensor
from torch.nn import functional as F

from studio.engine.metrics.frechet import frechet_distance
from studio.kit.kl_coder import psnr
from studio.kit.quantize import entropy, used
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import Trained, train

PICTURES, AT_ONCE = 1000, 256
CODING, WRITING = 6500, 3500
BUDGET = "6,500 steps for the autoencoder, 3,500 for the prior, of 8, one thread"


@cache
def trained(method: str, quantizer: str) -> Trained:
    """Both stages; the autoencoder also sees mirrored pictures."""
    steps = CODING + WRITING
    return train(
        method, "emoji", steps=steps, batch_size=8, quantizer=quantizer, codes=4096, decay=0.995, levels="7,5,5,5,5", mirror=True,
        tokenizer_share=CODING / steps,
    )  # fmt: skip


@torch.no_grad()
def tokens(run: Trained, pictures: Tensor) -> Tensor:
    """The codes (n, 64) of pictures."""
    tokenizer = cast(TwoStages, run.generator).tokenizer
    return torch.cat([tokenizer.encode(part) for part in pictures.split(AT_ONCE)])


def rebuilding(method: str, quantizer: str) -> Result:
    """PSNR of the mean squared error over all held-out pictures."""
    run = trained(method, quantizer)
    tokenizer, x = cast(TwoStages, run.generator).tokenizer, torch.from_numpy(run.dataset.validation)
    with torch.no_grad():
        again = tokenizer.decode(tokenizer.encode(x))
    bits = tokenizer.length * math.log2(tokenizer.vocab_size)
    distance = frechet_distance(again.numpy(), run.dataset.validation)
    each = psnr((again - x).square().flatten(1).mean(1))
    notes = (
        f"{tokenizer.length} of {tokenizer.vocab_size} codes = {bits:.0f} bits a picture; mean of each picture's PSNR "
        f"{float(each.mean()):.2f} dB; FD-emoji-v1 of the {len(x)} reconstructions to their originals {distance:.2f}"
    )
    return Result(ours=float(psnr(F.mse_loss(again, x))), cpu_seconds=run.cpu_seconds, notes=notes)


def usage(method: str, quantizer: str) -> Result:
    """The share of the codes that the held-out pictures use."""
    run = trained(method, quantizer)
    codes = cast(TwoStages, run.generator).tokenizer.vocab_size
    held_out, seen = (tokens(run, torch.from_numpy(part)) for part in (run.dataset.validation, run.dataset.train))
    notes = (
        f"of {codes} codes by {len(held_out)} held-out pictures; by the {len(seen)} training pictures "
        f"{used(seen, codes):.3f}; perplexity {math.exp(entropy(held_out, codes)):.0f} and {math.exp(entropy(seen, codes)):.0f}"
    )
    return Result(ours=used(held_out, codes), cpu_seconds=run.cpu_seconds, notes=notes)


@torch.no_grad()
def prior(method: str, quantizer: str) -> Result:
    """How many fewer bits a held-out code takes, given the class, than the entropy of the held-out codes' frequencies."""
    run = trained(method, quantizer)
    model, x = cast(TwoStages, run.generator), torch.from_numpy(run.dataset.validation)
    unigram = entropy(tokens(run, x), model.tokenizer.vocab_size) / math.log(2)
    found = run.dataset.validation_labels
    assert found is not None
    labels, anyone = torch.from_numpy(found), torch.full((len(x),), model.classes)
    told, untold = (_bits(model, x, given) for given in (labels, anyone))
    notes = f"{told:.3f} bits a code given the class, {untold:.3f} without it; unigram {unigram:.3f}; the same training"
    return Result(ours=1 - told / unigram, cpu_seconds=run.cpu_seconds, notes=notes)


def _bits(model: TwoStages, x: Tensor, labels: Tensor) -> float:
    log_prob = model.scores()["code_log_prob"].score(x, torch.empty(len(x), 0), {"label": labels})
    return -float(log_prob.mean()) / (model.tokenizer.length * math.log(2))


def samples(method: str, quantizer: str) -> Result:
    """The Fréchet distance of samples to training pictures, beside that of the same pictures' reconstructions."""
    run = trained(method, quantizer)
    tokenizer, real = cast(TwoStages, run.generator).tokenizer, torch.from_numpy(run.dataset.train[: 2 * PICTURES])
    with torch.no_grad():
        again = torch.cat([tokenizer.decode(tokenizer.encode(part)) for part in real[PICTURES:].split(AT_ONCE)])
    reference = real[:PICTURES].numpy()
    rebuilt, floor = frechet_distance(again.numpy(), reference), frechet_distance(real[PICTURES:].numpy(), reference)
    notes = f"{PICTURES} other training pictures {floor:.2f}, their reconstructions {rebuilt:.2f}; the same training"
    return Result(ours=frechet_distance(run.sample(PICTURES), reference), cpu_seconds=run.cpu_seconds, notes=notes)


def _lines(method: str, quantizer: str) -> tuple[Line, ...]:
    name, dataset = f"{method} emoji {quantizer}", f"Emoji-32, {quantizer.upper()}"
    return (
        Line(
            f"{name} psnr", method, dataset, BUDGET, "dB PSNR, held out", "higher", partial(rebuilding, method, quantizer),
            target=25.0,
        ),
        Line(
            f"{name} usage", method, dataset, BUDGET, "share of the codes used, held out", "higher",
            partial(usage, method, quantizer), target=0.9,
        ),
        Line(
            f"{name} prior", method, dataset, BUDGET, "share of the unigram's bits that the prior saves, held out, class given",
            "higher", partial(prior, method, quantizer), target=0.35,
        ),
        Line(
            f"{name} frechet", method, dataset, BUDGET, "FD-emoji-v1, 1,000 pictures", "lower",
            partial(samples, method, quantizer),
        ),
    )  # fmt: skip


LINES = (*_lines("vq_vae", "vq"), *_lines("vq_vae", "fsq"), *_lines("vq_gan", "vq"))
