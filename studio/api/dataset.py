"""Data as a trainer sees it: arrays, a signature, and what was skipped and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api.card import SpaceKind
from studio.api.frozen import Frozen
from studio.api.space import Signature


class DatasetCard(Frozen):
    """What is known of a dataset before it is loaded; `loader` is "package.module:function", returning a `Dataset`."""

    id: str
    title: str
    summary: str
    kind: SpaceKind
    licence: str
    source: str = ""
    loader: str


class Problem(Frozen):
    """A file that was skipped, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Dataset:
    """Training and validation samples.

    Attributes:
        signature: the space of one sample and the class names.
        train: (N, *space.shape) float32; for tokens one stream (N,) int64.
        validation: the same, held out.
        train_labels: (N,) int64 indices into `signature.classes`, or None.
        captions: one text per training sample, or empty; an empty text says nothing of its sample.
        validation_captions: the same for the samples that are held out.
        tags: what else is known of each training sample in words, from the general to the particular, or empty.
        problems: files that were skipped.
        log_density: the true log-density in nats, (N, D) -> (N,), where it is known.
        train_poses: of views the cameras, (N, 4, 4) float32: camera to world, the camera looks along -z and y is up in its
            picture (the convention of Blender and OpenGL).
    """

    signature: Signature
    train: NDArray[Any]
    validation: NDArray[Any]
    train_labels: NDArray[np.int64] | None = None
    validation_labels: NDArray[np.int64] | None = None
    captions: tuple[str, ...] = ()
    validation_captions: tuple[str, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()
    problems: tuple[Problem, ...] = ()
    log_density: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = field(default=None, compare=False)
    train_poses: NDArray[np.float32] | None = None
    validation_poses: NDArray[np.float32] | None = None
