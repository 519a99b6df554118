"""Pictures from words: does a classifier find in the samples what the prompt asked for? Short captions beside full ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from studio.api.words import read_words, write_words
from studio.engine.datasets.shipped import read, split
from studio.engine.metrics.features import embed
from studio.engine.models.catalog import resolve
from studio.engine.models.model import Model
from studio.engine.models.prompting import EXPAND, expands
from studio.kit.generator import Generator
from studio.kit.sampler import sample
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import Trained, dataset, train

CODER_STEPS, STEPS, BATCH, WIDTH, RATE = 800, 1200, 32, 96, 1.5e-3
GUIDANCE, EVALUATIONS, EACH, DRAWS = 4.0, 20, 3, 4
TOGETHER = 100
BUDGET = f"{CODER_STEPS} steps of {BATCH} for the autoencoder, which both share, {STEPS} of {BATCH} for the denoiser, one thread"


@dataclass(frozen=True)
class Asked:
    """Prompts, and the places of the group and the subgroup that each asks for."""

    prompts: Sequence[str]
    groups: NDArray[np.int64]
    subgroups: NDArray[np.int64]


@dataclass(frozen=True)
class Judge:
    """Logistic regressions on the frozen features "emoji-v1", fitted to the training pictures; nothing in them is random."""

    group: LogisticRegression
    subgroup: LogisticRegression

    def agrees(self, pictures: NDArray[np.float32], asked: Asked) -> NDArray[np.floating[Any]]:
        """In which share of pictures the group, and the subgroup, are those asked for: (2,)."""
        features = embed(pictures)
        pairs = ((self.group, asked.groups), (self.subgroup, asked.subgroups))
        return np.array([np.mean(judge.predict(features) == wanted) for judge, wanted in pairs])


@cache
def parts() -> tuple[Asked, Asked]:
    """What can be asked for: the names of the training pictures, and of those held out."""
    data = read("emoji")
    count = len(data["captions"])
    known, held_out = (
        Asked(
            [str(name) for name in data["captions"][places]],
            data["group"][places].astype(np.int64),
            data["subgroup"][places].astype(np.int64),
        )
        for places in split(count, count // 10)
    )
    return known, held_out


def evenly(asked: Asked, each: int = EACH) -> tuple[Asked, NDArray[np.int64]]:
    """The first few of each subgroup, so that large ones do not decide, and their places."""
    places = np.concatenate([np.flatnonzero(asked.subgroups == k)[:each] for k in range(asked.subgroups.max() + 1)])
    return Asked([asked.prompts[int(k)] for k in places], asked.groups[places], asked.subgroups[places]), places


@cache
def judge() -> Judge:
    """Fitted once."""
    features, known = embed(dataset("emoji").train), parts()[0]
    group, subgroup = (
        LogisticRegression(max_iter=2000, C=0.3).fit(features, labels) for labels in (known.groups, known.subgroups)
    )
    return Judge(group, subgroup)


@cache
def autoencoder() -> Trained:
    """The first stage that both methods share."""
    return train(
        "kl_autoencoder", "emoji", steps=CODER_STEPS, batch_size=BATCH, width=32, halvings=3, latent_channels=24,
        learning_rate=2e-3,
    )  # fmt: skip


@cache
def illustrator(method: str) -> Trained:
    """A method trained on the same latents with the same budget."""
    return train(
        method, "emoji", steps=STEPS, batch_size=BATCH, inputs={"autoencoder": autoencoder().generator},
        width=WIDTH, text_width=WIDTH, learning_rate=RATE,
    )  # fmt: skip


def written(model: Generator, prompts: Sequence[str]) -> torch.Tensor:
    """Prompts as rows of the model's words."""
    assert model.signature.words
    return torch.from_numpy(write_words(prompts, model.signature.words))


def illustrated(model: Generator, prompts: Sequence[str], **controls: object) -> NDArray[np.float32]:
    """A picture of each prompt at guidance 4, each from noise of its own."""
    made = list[NDArray[np.float32]]()
    for first in range(0, len(prompts), TOGETHER):
        rows = written(model, prompts[first : first + TOGETHER])
        inputs = {"prompt": rows, "negative_prompt": torch.zeros_like(rows)}
        settings = {"guidance_scale": GUIDANCE, "steps": EVALUATIONS, "solver": "dpmpp_2m", **controls}
        made.append(np.asarray(sample(model.samplers()["sample"], len(rows), first, inputs, settings)))
    return np.concatenate(made)


def expanded(model: Generator, prompts: Sequence[str]) -> Sequence[str]:
    """Prompts as the studio's command line asks them: described in full where the model can do that."""
    sampler, words = model.samplers().get("expand_prompt"), model.signature.words
    if sampler is None:
        return prompts
    assert words
    rows = written(model, prompts)
    found = [sample(sampler, len(part), 0, {"prompt": part}) for part in rows.split(TOGETHER)]
    return read_words(np.asarray(torch.cat(found)), words)


@cache
def obeyed(method: str) -> tuple[NDArray[np.floating[Any]], NDArray[np.floating[Any]]]:
    """The agreement for names of training pictures, and for names that were held out."""
    model = illustrator(method).generator
    known, held_out = (
        judge().agrees(illustrated(model, expanded(model, asked.prompts)), asked) for asked, _ in map(evenly, parts())
    )
    return known, held_out


def followed(method: str, peer: str = "") -> Result:
    """How often a method gives what it is asked for, and another one with the same budget."""
    (known, held_out), trained = obeyed(method), illustrator(method)
    asked, places = evenly(parts()[1])
    real = judge().agrees(dataset("emoji").validation[places], asked)
    notes = (
        f"group (of 9) {held_out[0]:.3f}; names of training pictures: group {known[0]:.3f}, subgroup {known[1]:.3f}; the real "
        f"held-out pictures: {real[0]:.3f}, {real[1]:.3f}"
    )
    result = Result(
        ours=float(held_out[1]), notes=notes, cpu_seconds=autoencoder().cpu_seconds + trained.cpu_seconds
    )  # fmt: skip
    if not peer:
        return result
    others, unseen = obeyed(peer)
    notes += f"; {peer}: group {unseen[0]:.3f}; training names {others[0]:.3f}, {others[1]:.3f}"
    return result.model_copy(update={"peer": float(unseen[1]), "notes": notes})


def starter_obeyed(method: str) -> NDArray[np.floating[Any]]:
    """The agreement of the starter model by onnxruntime, for names that were held out."""
    model = Model.open(resolve(f"starter:{method}-emoji"), "cpu")
    asked, _ = evenly(parts()[1])
    words = model.card.signature.words
    assert words
    rows = write_words(asked.prompts, words)
    if expands(model.card):
        rows = write_words(read_words(model.sample(EXPAND, len(rows), inputs={"prompt": rows}), words), words)
    controls = {"guidance_scale": GUIDANCE, "steps": EVALUATIONS, "solver": "dpmpp_2m"}
    pictures = [
        model.sample("sample", len(rows), seed=seed, inputs={"prompt": rows}, controls=controls) for seed in range(DRAWS)
    ]  # fmt: skip
    many = Asked([*asked.prompts] * DRAWS, np.tile(asked.groups, DRAWS), np.tile(asked.subgroups, DRAWS))
    return judge().agrees(np.concatenate(pictures), many)


def starters_followed() -> Result:
    """Which of the two starter models, trained alike, gives more of what is asked for."""
    full, short = starter_obeyed("recaptioned"), starter_obeyed("latent_diffusion")
    notes = f"group (of 9) {full[0]:.3f}, latent_diffusion {short[0]:.3f}; {DRAWS} pictures a prompt, by onnxruntime"
    return Result(ours=float(full[1]), peer=float(short[1]), notes=notes)


def _line(method: str, peer: str, reference: str) -> Line:
    return Line(
        name=f"{method} emoji words", method=method, dataset="Emoji-32 with captions", budget=BUDGET, better="higher",
        metric=f"share of samples whose subgroup (of 99) is the one asked for; held-out names, guidance {GUIDANCE:g}",
        measure=lambda: followed(method, peer), reference=reference,
    )  # fmt: skip


LINES = (
    _line("latent_diffusion", "", "chance is about 0.01"),
    _line("recaptioned", "latent_diffusion", "latent_diffusion on short captions, same run and autoencoder"),
    Line(
        name="recaptioned starter words", method="recaptioned", dataset="Emoji-32 with captions",
        budget="the starter models: 2800 steps of 32 each, width 64", better="higher", measure=starters_followed,
        metric=f"share of samples whose subgroup (of 99) is the one asked for; held-out names, guidance {GUIDANCE:g}",
        reference="the starter latent_diffusion, trained as long on short captions",
    ),
)  # fmt: skip
