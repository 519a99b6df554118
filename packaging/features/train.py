"""Train the small classifiers whose inner layer measures pictures and sounds ("FD-digits-v1" ...), and write them as ONNX.

Run: OMP_NUM_THREADS=1 python packaging/features/train.py [digits] [mnist] [emoji] [spoken_digits]   (about a minute each)
"""

import hashlib
import json
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Audio
from studio.engine.datasets import digits, emoji, mnist, spoken_digits
from studio.engine.datasets.shipped import read, split
from studio.kit.spectrogram import Spectrogram

TARGET = Path(__file__).parents[2] / "resources" / "features"
SEED, FEATURES, BATCH, SHIFT = 0, 64, 64, 2


class Task(NamedTuple):
    """What to tell apart: pictures (N, C, H, W), labels (N,), of which `held_out` are for the accuracy."""

    train: Tensor
    labels: Tensor
    held_out: Tensor
    held_out_labels: Tensor
    widths: tuple[int, ...]
    strides: tuple[int, ...]
    epochs: int
    shift: int
    hearing: nn.Module = nn.Identity()
    """What makes pictures of sounds; of them, the sounds themselves go into the exported network."""


class Network(nn.Module):
    """Convolutions, a layer of 64 features, and the classes."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        widths = (task.train.shape[1], *task.widths)
        layers = [
            nn.Sequential(nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
            for a, b, stride in zip(widths, widths[1:], task.strides, strict=False)
        ]
        self.trunk = nn.Sequential(*layers, nn.Flatten())
        flat = self.trunk.eval()(task.train[:1]).shape[1]
        self.hearing = task.hearing
        self.features = nn.Linear(flat, FEATURES)
        self.classes = nn.Linear(FEATURES, int(task.labels.max()) + 1)
        self.mean, self.deviation = torch.zeros(FEATURES), torch.ones(())

    def forward(self, images: Tensor) -> Tensor:
        return self.classes(F.relu(self.features(self.trunk(images))))


class Both(nn.Module):
    """Sounds (N, 1, length) -> features (N, 64) and the logit of each class."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        network = self.network
        features = network.features(network.trunk(network.hearing(images)))
        return features, network.classes(F.relu(features * network.deviation + network.mean))


class Features(nn.Module):
    """Images (N, C, H, W) in [-1, 1] -> features (N, 64)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.trunk, self.features = network.trunk, network.features

    def forward(self, images: Tensor) -> Tensor:
        return self.features(self.trunk(images))


def main() -> None:
    """Train, export and describe each network that is named, or all."""
    torch.set_num_threads(1)
    for name in sys.argv[1:] or ["digits", "mnist", "emoji", "spoken_digits"]:
        start = time.perf_counter()
        task = _task(name)
        network = _trained(task)
        accuracy = _accuracy(network, task)
        _standardise(network, task)
        file = _export((Features if isinstance(task.hearing, nn.Identity) else Both)(network).eval(), task, name)
        card = {
            "name": f"{name}-v1", "version": 1, "seed": SEED, "features": FEATURES, "accuracy": round(accuracy, 4),
            "classes": network.classes.out_features, "shape": list(_example(task).shape[1:]),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        }  # fmt: skip
        file.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", "utf-8")
        print(f"{name}: accuracy {accuracy:.3f}, {file.stat().st_size} bytes, {time.perf_counter() - start:.0f} s", flush=True)


def _task(name: str) -> Task:
    if name in OWN_TASKS:
        return OWN_TASKS[name]()
    data = {"digits": digits, "mnist": mnist}[name].load()
    parts = [torch.from_numpy(part) for part in (data.train, data.train_labels, data.validation, data.validation_labels)]
    if name == "digits":
        return Task(*parts, widths=(32, 48, 32), strides=(1, 1, 2), epochs=30, shift=0)
    return Task(*parts, widths=(24, 48, 48, 32), strides=(2, 1, 2, 2), epochs=15, shift=SHIFT)


def _emoji_task() -> Task:
    """Emoji are told apart by their 99 subgroups; the nine groups ask too little of the features."""
    data, subgroup = emoji.load(), torch.from_numpy(read("emoji")["subgroup"].astype(np.int64))
    train, held_out = split(len(subgroup), len(data.validation))
    parts = torch.from_numpy(data.train), subgroup[train], torch.from_numpy(data.validation), subgroup[held_out]
    return Task(*parts, widths=(24, 48, 64, 64, 32), strides=(2, 1, 2, 1, 2), epochs=24, shift=SHIFT)


def _spoken_task() -> Task:
    """Digits are told apart by their spectrograms."""
    data = spoken_digits.load()
    assert isinstance(data.signature.space, Audio)
    hearing = Spectrogram(data.signature.space)
    train, held_out = hearing(torch.from_numpy(data.train)), hearing(torch.from_numpy(data.validation))
    labels = [torch.from_numpy(part) for part in (data.train_labels, data.validation_labels)]
    return Task(
        train, labels[0], held_out, labels[1], widths=(24, 48, 48, 32), strides=(2, 1, 2, 2), epochs=40, shift=SHIFT,
        hearing=hearing,
    )  # fmt: skip


OWN_TASKS = {"emoji": _emoji_task, "spoken_digits": _spoken_task}


def _trained(task: Task) -> Network:
    torch.manual_seed(SEED)
    network = Network(task).train()
    steps = task.epochs * (len(task.train) // BATCH)
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=steps)
    for _ in range(task.epochs):
        for places in torch.randperm(len(task.train)).split(BATCH)[: len(task.train) // BATCH]:
            loss = F.cross_entropy(network(_shifted(task.train[places], task.shift)), task.labels[places], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return network.eval()


def _shifted(images: Tensor, most: int) -> Tensor:
    down, right = torch.randint(-most, most + 1, (2,)).tolist()
    padded = F.pad(images, (most,) * 4, mode="replicate") if most else images
    return padded[:, :, most + down :, most + right :][:, :, : images.shape[2], : images.shape[3]]


@torch.no_grad()
def _accuracy(network: Network, task: Task) -> float:
    return (network(task.held_out).argmax(1) == task.held_out_labels).float().mean().item()


@torch.no_grad()
def _standardise(network: Network, task: Task) -> None:
    """Give the features of the training pictures mean 0 and a mean variance of 1."""
    flat = torch.cat([network.trunk(images) for images in task.train.split(500)])
    features = network.features(flat)
    mean, deviation = features.mean(0), features.var(0).mean().sqrt()
    network.features.bias.sub_(mean).div_(deviation)
    network.features.weight.div_(deviation)
    network.mean, network.deviation = mean, deviation


def _example(task: Task) -> Tensor:
    """Three of what goes into the exported network."""
    if isinstance(task.hearing, Spectrogram):
        return torch.zeros(3, 1, task.hearing.length)
    return task.train[:3]


def _export(model: nn.Module, task: Task, name: str) -> Path:
    program = torch.onnx.export(
        model, (_example(task),), dynamo=True, opset_version=18, input_names=["images"],
        output_names=["features", "classes"] if isinstance(model, Both) else ["features"],
        dynamic_shapes={"images": {0: torch.export.Dim("n")}}, verbose=False,
    )  # fmt: skip
    file = TARGET / f"{name}.onnx"
    assert program is not None
    proto = program.model_proto
    for node in proto.graph.node:
        node.doc_string = ""
        del node.metadata_props[:]
    onnx.save(proto, file)
    return file


if __name__ == "__main__":
    main()
