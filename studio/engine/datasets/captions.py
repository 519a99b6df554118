"""Words for pictures and sounds: the vocabulary of their captions, so that models can learn from it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset
from studio.api.words import vocabulary_of

KINDS = ("image", "audio", "views")


def captioned(dataset: Dataset) -> Dataset:
    """The same data with the vocabulary of its captions and tags; without captions the classes' names are the captions."""
    signature = dataset.signature
    if signature.words is not None or signature.space.kind not in KINDS or not (dataset.captions or signature.classes):
        return dataset
    if not dataset.captions:
        dataset = replace(
            dataset,
            captions=_named(dataset.train_labels, signature.classes),
            validation_captions=_named(dataset.validation_labels, signature.classes),
        )
    words = vocabulary_of(dataset.captions, {*signature.classes, *(tag for tags in dataset.tags for tag in tags)})
    return replace(dataset, signature=signature.model_copy(update={"words": words}))


def _named(labels: NDArray[np.int64] | None, classes: tuple[str, ...]) -> tuple[str, ...]:
    return () if labels is None else tuple(classes[label] for label in labels.tolist())
