"""The toy method; its steps draw from torch's global random numbers, so that a resumed run must restore them."""

import ctypes
import os
import signal
import time

import numpy as np
import torch

from studio.api import Dataset, Noise, Plan, Points, Signature
from studio.kit.generator import Generator, sample_port
from studio.kit.sampler import Sampler
from studio.kit.stage import Stage, State


def cloud():
    points = np.random.default_rng(0).normal(3.0, 0.5, (512, 2)).astype(np.float32)
    return Dataset(Signature(space=Points(dimensions=2)), points[:448], points[448:])


class ToySampler(Sampler):
    def __init__(self, toy):
        self.plan = Plan(initial=Noise(shape=(2,)))
        self.output = sample_port(toy.space)
        self.toy = toy

    def init(self, noise, given):
        return {"x": noise * self.toy.spread + self.toy.mean}

    def finish(self, carry):
        return carry["x"]


class ToyStage(Stage):
    def __init__(self, toy):
        self.toy = toy

    def setup(self, training):
        return State(optimizer=torch.optim.Adam(self.toy.parameters(), 0.05))

    def step(self, state, batch, training):
        time.sleep(self.toy.params.delay)
        if training.step >= self.toy.params.at and self.toy.params.fault != "none":
            FAULTS[self.toy.params.fault](training)
        noise = torch.randn(batch.x.shape)
        loss = ((noise * self.toy.spread + self.toy.mean - batch.x) ** 2).mean()
        if self.toy.params.fault == "nan" and training.step >= self.toy.params.at:
            loss = loss * float("nan")
        training.update(loss, state.optimizer)
        return {"loss": loss.detach()}


class Toy(Generator):
    def __init__(self, signature, params, inputs=None):
        super().__init__(signature, params, inputs)
        self.mean = torch.nn.Parameter(torch.randn(2))
        self.spread = torch.nn.Parameter(torch.ones(2))
        self.register_buffer("ballast", torch.randn(params.size))

    def stages(self):
        return [ToyStage(self)]

    def samplers(self):
        return {"sample": ToySampler(self)}


def refuse(training):
    raise RuntimeError("the toy is broken\nsecond line")


def quit_quietly(training):
    raise SystemExit(3)


def crash(training):
    ctypes.string_at(0)


def leave(training):
    os._exit(7)


def block(training):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    while True:
        time.sleep(60)


def flood(training):
    for _ in range(300):
        print("x" * 1_000_000)


def flood_natively(training):
    line = b"y" * 999 + b"\n"
    for _ in range(300_000):
        os.write(1, line)


def chat(training):
    print(f"at step {training.step}")
    os.write(2, b"from native code\n")


def exhaust(training):
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB")


FAULTS = {
    "nan": lambda training: None, "raise": refuse, "quit": quit_quietly, "segfault": crash, "exit": leave, "deaf": block,
    "flood": flood, "print": chat, "out_of_memory": exhaust, "native_flood": flood_natively,
}  # fmt: skip
