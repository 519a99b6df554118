"""The recaptioned recipe: what is said of pictures, how captions are mixed, and how prompts are expanded."""

import numpy as np
import pytest
import torch
from studio_diffusion.cards.recaptioned import RecaptionedParams
from studio_diffusion.describer import WORDS, describe, name_colours
from studio_diffusion.prompt_expansion import Memory, together
from studio_diffusion.recaptioned import ROOM, Recaptioned, describe_all, fuller, mixed

from studio.api.words import read_words, vocabulary_of, write_words
from studio.engine.training.toys import image
from studio.kit.sampler import sample
from studio.kit.source import Batch, Source

CAPTIONS = ("red apple", "green apple", "sleepy cat face", "flag: France")
DETAILS = ("food fruit small red", "food fruit small green", "animal mammal large yellow", "country flag wide blue")
SMALL = {"width": 16, "text_width": 16, "text_layers": 1, "halvings": 1, "latent_channels": 4, "autoencoder_width": 16}


def shape(rows: slice, columns: slice, colour: tuple[float, float, float]) -> np.ndarray:
    picture = np.ones((3, 20, 20), np.float32)
    picture[:, rows, columns] = np.array(colour, np.float32)[:, None, None]
    return picture


def remembering() -> tuple[Memory, object]:
    words = fuller(vocabulary_of(CAPTIONS, DETAILS))
    memory = Memory(words, ROOM)
    memory.learn(CAPTIONS, DETAILS)
    return memory, words


def expanded(prompt: str) -> str:
    memory, words = remembering()
    return read_words(memory.nearest(torch.from_numpy(write_words([prompt], words))).numpy(), words)[0]


@pytest.mark.parametrize(
    ("rows", "columns", "colour", "said"),
    [
        (slice(4, 16), slice(4, 16), (1, -1, -1), "midsize square red middle symmetric"),
        (slice(2, 18), slice(8, 12), (-1, -1, 1), "small tall blue middle symmetric"),
        (slice(12, 16), slice(2, 18), (-1, 0.2, -1), "small wide green bottom symmetric"),
        (slice(8, 12), slice(1, 5), (-1, -1, -1), "small square black left asymmetric"),
    ],
)
def test_that_a_picture_is_described_by_its_size_shape_colour_place_and_symmetry(rows, columns, colour, said):
    assert describe(shape(rows, columns, colour)) == said


def test_that_a_disc_is_round_and_an_empty_picture_plain():
    y, x = np.mgrid[:32, :32]
    disc = np.where((y - 15.5) ** 2 + (x - 15.5) ** 2 < 144, 1.0, -1.0).astype(np.float32)[None]
    assert "round" in describe(disc).split()
    assert describe(np.ones((1, 8, 8), np.float32)) == "plain white"


def test_that_colours_have_their_names():
    shades = np.array([[1, 0, 0], [1, 0.6, 0], [1, 1, 0.1], [0, 0.8, 0], [0.1, 0.2, 0.9], [0.4, 0.2, 0.1], [0.5, 0.5, 0.5]])
    assert name_colours(shades).tolist() == ["red", "orange", "yellow", "green", "blue", "brown", "grey"]


def test_that_nothing_is_said_that_the_vocabulary_lacks():
    random = np.random.default_rng(0)
    said = {word for _ in range(50) for word in describe(random.uniform(-1, 1, (3, 8, 8)).astype(np.float32)).split()}
    assert said <= set(WORDS)


def test_that_the_fuller_vocabulary_begins_with_the_old_one():
    short = vocabulary_of(CAPTIONS)
    long = fuller(short)
    assert long.vocabulary[: short.vocab_size] == short.vocabulary
    assert long.length == short.length + ROOM
    assert len(set(long.vocabulary)) == long.vocab_size


def test_that_a_prompt_takes_the_details_of_the_caption_that_is_nearest():
    assert expanded("a green apple on a table") == DETAILS[1]
    assert expanded("cat") == DETAILS[2]
    assert expanded("the flag of France") == DETAILS[3]


def test_that_a_rare_word_decides_against_a_common_one():
    assert expanded("apple cat") == DETAILS[2]


def test_that_a_prompt_that_shares_no_word_takes_nothing():
    assert expanded("") == ""
    assert expanded("large blue") == ""


def test_that_of_more_captions_than_there_is_room_for_some_of_all_parts_are_kept():
    words = fuller(vocabulary_of([f"name{k}" for k in range(9000)], DETAILS))
    memory = Memory(words, ROOM)
    memory.learn([f"name{k}" for k in range(9000)], ["small red"] * 9000)
    assert (memory.captions[:, 0] > 0).all()
    assert len(memory.captions.unique()) > 4000


def test_that_padding_goes_to_the_end_and_words_keep_their_order():
    assert together(torch.tensor([[3, 0, 2, 0, 1], [0, 0, 0, 5, 4]])).tolist() == [[3, 2, 1, 0, 0], [5, 4, 0, 0, 0]]


def test_that_the_model_expands_with_its_own_words_first():
    torch.manual_seed(0)
    toy = image()
    model = Recaptioned(toy.signature, RecaptionedParams(**SMALL))
    source = Source(toy, 8, 0, torch.device("cpu"))
    model.stages()[-1].data(source)
    prompt = torch.from_numpy(write_words(["a bright picture, number 5"], model.words))
    text = read_words(sample(model.samplers()["expand_prompt"], 1, 0, {"prompt": prompt}).numpy(), model.words)[0]
    assert text.startswith("a bright picture number 5 ")
    assert set(text.split()[5:]) <= set(WORDS)
    assert len(text.split()) > 6


def test_that_batches_hold_mostly_full_captions_of_the_same_pictures():
    toy = image()
    model = Recaptioned(toy.signature, RecaptionedParams(**SMALL, dense_share=0.75))
    batches = model.stages()[-1].data(Source(toy, 32, 0, torch.device("cpu")))
    lengths = torch.cat([(batches(step).words > 0).sum(1) for step in range(40)])
    assert lengths.min() == 5
    assert 0.7 < (lengths > 5).float().mean() < 0.8
    first, again = batches(3), batches(3)
    assert torch.equal(first.words, again.words)
    assert torch.equal(first.x, again.x)


def test_that_mixing_takes_whole_rows():
    full, short = (Batch(torch.zeros(64, 1), None, torch.full((64, 3), value)) for value in (1, 2))
    words = mixed(full, short, 0.5, [0, 1]).words
    assert words is not None
    assert words.float().std(1).max() == 0
    assert set(words.flatten().tolist()) == {1, 2}


def test_that_tags_are_said_from_the_particular_on_and_each_word_once():
    toy = image()
    tagged = type(toy)(**{**toy.__dict__, "tags": (("Animals & Nature", "animal mammal"),) * len(toy.train)})
    assert describe_all(tagged)[0].startswith("animal mammal animals & nature ")
