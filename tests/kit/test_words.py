"""Captions on their way into a training: with their pictures, into previews, and through the wrapper for sounds."""

from dataclasses import replace

import pytest
import torch

from studio.api import Port
from studio.api.words import read_words
from studio.engine.training.toys import image
from studio.kit.sampler import default_inputs
from studio.kit.source import Source

TOY = image()
PROMPT = Port(name="prompt", kind="text", shape=(20,), dtype="int64", optional=True)


def source(**changes) -> Source:
    return Source(replace(TOY, **changes), 8, 0, torch.device("cpu"))


def test_that_each_sample_of_a_batch_comes_with_its_own_caption():
    batch = source().batches()(5)
    assert batch.words is not None
    for x, words in zip(batch.x, read_words(batch.words.numpy(), TOY.signature.words), strict=True):
        (place,) = [k for k, picture in enumerate(TOY.train) if torch.equal(torch.from_numpy(picture), x)]
        assert words == TOY.captions[place].replace(",", "").replace(":", "")


def test_that_there_are_no_words_without_captions_or_without_a_vocabulary():
    assert source(captions=()).batches()(0).words is None
    assert source(signature=TOY.signature.model_copy(update={"words": None})).batches()(0).words is None
    assert source().validation_words is None
    assert source(validation_captions=("bright",)).validation_words.shape == (1, TOY.signature.words.length)


def test_that_previews_illustrate_captions_in_turn_and_leave_other_words_empty():
    words = source().words
    ports = (PROMPT, PROMPT.model_copy(update={"name": "negative_prompt"}))
    inputs = default_inputs(ports, len(TOY.train) + 1, 0, words=words)
    assert torch.equal(inputs["prompt"][0], inputs["prompt"][-1])
    assert torch.equal(inputs["prompt"][:-1, : words.shape[1]], words)
    assert not inputs["prompt"][:, words.shape[1] :].any()
    assert not inputs["negative_prompt"].any()


@pytest.mark.parametrize("length", [-1, 4])
def test_that_a_prompt_of_another_kind_takes_no_captions(length):
    port = PROMPT.model_copy(update={"shape": (length,)})
    assert not default_inputs((port,), 2, 0, words=source().words)["prompt"].any()
