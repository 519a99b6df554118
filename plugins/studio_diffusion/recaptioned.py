"""Recaptioned latent diffusion: trained on full descriptions, asked with full descriptions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import torch
from torch import nn

from studio.api import Dataset, Signature, Tokens
from studio.api.words import split_words
from studio.kit.sampler import Sampler
from studio.kit.source import Batch, Source
from studio.kit.stage import Batches, Stage

from .cards.recaptioned import RecaptionedParams
from .describer import WORDS, describe
from .latent_diffusion import LatentDenoising, LatentDiffusion
from .prompt_expansion import ExpandPrompt, Memory

ROOM = 24
"""Words that a description may have beside the caption."""


class Recaptioned(LatentDiffusion):
    """The recipe of DALL-E 3: full captions for most pictures, and prompts expanded into the same form.

    The paper's captions are written by a captioning model and its prompts are expanded by GPT-4. Here a description is the
    caption, what else the data knows (the tags), and what `describer` measures in the picture; a prompt is expanded by the
    description of the known caption nearest to it (`prompt_expansion`).

    Source: Betker et al., Improving Image Generation with Better Captions, 2023, https://cdn.openai.com/papers/dall-e-3.pdf
    """

    def __init__(
        self, signature: Signature, params: RecaptionedParams, inputs: Mapping[str, nn.Module] | None = None
    ) -> None:  # fmt: skip
        short = signature.words
        super().__init__(signature.model_copy(update={"words": short and fuller(short)}), params, inputs)
        self.memory = Memory(self.words, ROOM)

    def stages(self) -> tuple[Stage, ...]:
        *before, denoising = super().stages()
        return (*before, RecaptionedDenoising(self, denoising.share))

    def samplers(self) -> Mapping[str, Sampler]:
        return {**super().samplers(), "expand_prompt": ExpandPrompt(self.memory, self.words)}


def fuller(words: Tokens) -> Tokens:
    """A vocabulary with the describer's words too, which begins as before, and room for descriptions."""
    new = [word for word in dict.fromkeys(WORDS) if word not in words.vocabulary]
    return Tokens(vocabulary=(*words.vocabulary, *new), length=words.length + ROOM)


class RecaptionedDenoising(LatentDenoising):
    """The denoiser's stage with a description, or rarely only the caption, for each picture."""

    def __init__(self, model: Recaptioned, share: float) -> None:
        super().__init__(model, share)
        self.recaptioned = model

    def data(self, source: Source) -> Batches:
        model, dataset = self.recaptioned, source.dataset
        details = describe_all(dataset)
        model.memory.learn(dataset.captions, details)
        dense = [f"{caption} {detail}" for caption, detail in zip(dataset.captions, details, strict=True)]
        encoded = self.encoded(source)
        full, short = (self._told(encoded, captions) for captions in (dense, dataset.captions))
        share = cast(RecaptionedParams, model.params).dense_share
        return lambda step: mixed(full(step), short(step), share, [source.seed, step])

    def _told(self, encoded: Source, captions: "list[str] | tuple[str, ...]") -> Batches:
        dataset = replace(encoded.dataset, signature=self.recaptioned.signature, captions=tuple(captions))
        return Source(dataset, encoded.size, encoded.seed, encoded.device).batches()


def describe_all(dataset: Dataset) -> list[str]:
    """What can be said of each training picture beside its caption: its tags, from the particular on, and its measures."""
    tags = dataset.tags or ((),) * len(dataset.train)
    measured = map(describe, dataset.train)
    return [
        " ".join((*dict.fromkeys(split_words(" ".join(known[::-1]))), facts)) for known, facts in zip(tags, measured, strict=True)
    ]


def mixed(full: Batch, short: Batch, share: float, key: list[int]) -> Batch:
    """Two batches of the same pictures as one: about a `share` of the rows with the words of the first."""
    assert full.words is not None
    assert short.words is not None
    drawn = np.random.Generator(np.random.Philox(key=key)).random((len(full.x), 1))
    dense = torch.from_numpy(drawn < share).to(full.x.device)
    return replace(full, words=torch.where(dense, full.words, short.words))
