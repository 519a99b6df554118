"""Selective copying: to repeat the few symbols that stand among noise at random places, in their order.

Source: Gu and Dao, Mamba, 2023, section 4.1.1, https://arxiv.org/abs/2312.00752
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from studio.kit.decoder import Decoder

SYMBOLS, COPIED, LENGTH = 8, 16, 256
NOISE, ASKING = SYMBOLS, SYMBOLS + 1
VOCABULARY = SYMBOLS + 2
MASTERED = 0.95


@dataclass(frozen=True)
class Lesson:
    """How many symbols stand among how many places."""

    copied: int
    length: int

    def harder(self) -> "Lesson":
        """One symbol more in twice as many places; when all are there, a quarter more places."""
        if self.copied < COPIED:
            return Lesson(self.copied + 1, 2 * self.copied + 2)
        return Lesson(COPIED, min(LENGTH, self.length * 5 // 4))

    def sequences(self, n: int, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """Sequences (n, length + copied) whose last places ask, and what is right there (n, copied)."""
        symbols = torch.randint(SYMBOLS, (n, self.copied), generator=random)
        places = torch.rand(n, self.length, generator=random).topk(self.copied).indices.sort().values
        body = torch.full((n, self.length), NOISE).scatter(1, places, symbols)
        return torch.cat([body, torch.full((n, self.copied), ASKING)], dim=1), symbols


FIRST, LAST = Lesson(2, 4), Lesson(COPIED, LENGTH)


def answers(decoder: Decoder, sequences: Tensor, copied: int) -> Tensor:
    """Logits (n, copied, SYMBOLS) where the sequences ask."""
    return decoder(sequences)[:, -copied:, :SYMBOLS]


def learn(build: Callable[[], Decoder], *, steps: int, batch: int, rate: float) -> tuple[Decoder, float, list[Lesson]]:
    """Train by AdamW and cosine decay, with a harder lesson whenever a batch is mastered.

    Returns:
        The decoder, processor seconds, and the lesson after each tenth of the steps.
    """
    torch.set_num_threads(1)
    torch.manual_seed(0)
    random, begun, lesson, reached = torch.Generator().manual_seed(0), time.process_time(), FIRST, list[Lesson]()
    decoder = build()
    optimizer = torch.optim.AdamW(decoder.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps, pct_start=0.02)
    for step in range(1, steps + 1):
        sequences, right = lesson.sequences(batch, random)
        logits = answers(decoder, sequences, lesson.copied)
        optimizer.zero_grad()
        functional.cross_entropy(logits.flatten(0, 1), right.flatten()).backward()
        torch.nn.utils.clip_grad_norm_(decoder.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (logits.argmax(2) == right).float().mean() >= MASTERED:
            lesson = lesson.harder()
        if step % (steps // 10) == 0:
            reached.append(lesson)
    return decoder.eval(), time.process_time() - begun, reached


@torch.no_grad()
def accuracy(decoder: Decoder, n: int = 500) -> float:
    """Percent of the symbols of fresh sequences of the last lesson that are repeated right."""
    sequences, right = LAST.sequences(n, torch.Generator().manual_seed(1))
    return 100 * float((answers(decoder, sequences, COPIED).argmax(2) == right).float().mean())
