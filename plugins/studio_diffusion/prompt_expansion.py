"""A prompt described in full: as the known caption that shares most words with it, rare words counting most."""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor, nn

from studio.api import Port, Tokens
from studio.api.words import PADDING, write_words
from studio.kit.generator import prompt_port
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given

MEMORY = 4096
"""Captions that are remembered at most."""
CAPTION = 16
"""Words of a caption that are compared."""
EXACT = 100
"""Weights are hundredths in whole numbers, so that every runtime finds the same caption."""
STRANGE = 4
"""A word of the caption that the prompt lacks counts against it by a fourth of its weight."""
NOTHING = -(2**40)


class Memory(nn.Module):
    """Captions and what else is said of their pictures, kept with the weights so that an exported model has them too.

    Args:
        words: the vocabulary.
        room: words of a description.
    """

    def __init__(self, words: Tokens, room: int) -> None:
        super().__init__()
        self.vocabulary = words
        self.room = room
        self.register_buffer("captions", torch.zeros(MEMORY, CAPTION, dtype=torch.int64))
        self.register_buffer("details", torch.zeros(MEMORY, room, dtype=torch.int64))
        self.register_buffer("weights", torch.zeros(words.vocab_size, dtype=torch.int64))
        self.captions: Tensor
        self.details: Tensor
        self.weights: Tensor

    def learn(self, captions: Sequence[str], details: Sequence[str]) -> None:
        """Remember each caption once, of very many an even selection; a word weighs the log of its rarity."""
        known = list(dict(zip(reversed(captions), reversed(details), strict=True)).items())
        chosen = [known[k] for k in np.unique(np.linspace(0, len(known) - 1, MEMORY, dtype=np.int64))]
        self.captions.zero_()[: len(chosen)] = self._rows([caption for caption, _ in chosen], CAPTION)
        self.details.zero_()[: len(chosen)] = self._rows([detail for _, detail in chosen], self.room)
        counts = torch.bincount(torch.cat([row.unique() for row in self.captions]).cpu(), minlength=len(self.weights))
        rarity = (math.log(1 + len(chosen)) - counts.clamp(min=1).log()) * EXACT
        rarity[PADDING] = 0
        self.weights.copy_(rarity.round().long())

    def nearest(self, prompt: Tensor) -> Tensor:
        """The details (n, room) that belong to prompts (n, t): padding where no caption shares a word."""
        same = (prompt[:, None, :, None] == self.captions[None, :, None, :]) & (prompt != PADDING)[:, None, :, None]
        shared = (same.any(3) * self.weights[prompt][:, None, :]).sum(2)
        strange = (~same.any(2) * self.weights[self.captions][None]).sum(2)
        likeness = torch.where(shared > 0, STRANGE * shared - strange, NOTHING)
        best = likeness.argmax(1)
        found = likeness.gather(1, best[:, None]) > NOTHING
        return torch.where(found, self.details[best], PADDING)

    def _rows(self, texts: Sequence[str], length: int) -> Tensor:
        return torch.from_numpy(write_words(texts, self.vocabulary.model_copy(update={"length": length}))).to(self.weights.device)


class ExpandPrompt(OneStep):
    """The words of a prompt, and after them the details of the known caption nearest to it."""

    def __init__(self, memory: Memory, words: Tokens) -> None:
        super().__init__(Port(name="text", kind="text", shape=(words.length,), dtype="int64"), (prompt_port(words),))
        self.memory = memory

    def make(self, noise: Tensor, given: Given) -> Tensor:
        prompt = given["prompt"]
        return together(torch.cat([prompt, self.memory.nearest(prompt)], dim=1))[:, : prompt.shape[1]]


def together(words: Tensor) -> Tensor:
    """Rows (n, t) with all padding at their ends."""
    places = torch.arange(words.shape[1], device=words.device)
    order = torch.where(words == PADDING, places + words.shape[1], places)
    return words.gather(1, order.topk(words.shape[1], dim=1, largest=False).indices)
