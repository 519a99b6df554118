"""ImageGPT's own mathematics; how pictures become tokens is in tests/kit/test_sequence.py."""

import torch
from studio_transformer.cards.image_gpt import ImageGPTParams
from studio_transformer.image_gpt import ImageGPT

from studio.api import Image, Signature
from tests.plugins.decoders import (
    check_that_no_logit_sees_a_later_token,
    check_that_steps_give_the_logits_of_the_whole_sequence,
)

SPACE = Image(height=4, width=4, channels=1, levels=5)


def build(classes: tuple[str, ...] = ("a", "b")) -> ImageGPT:
    torch.manual_seed(0)
    return ImageGPT(Signature(space=SPACE, classes=classes), ImageGPTParams(width=32, layers=2, heads=2)).eval()


def pictures(n: int) -> torch.Tensor:
    return torch.randint(5, (n, *SPACE.shape), generator=torch.Generator().manual_seed(0)) / 2.0 - 1


def test_that_no_logit_sees_a_later_pixel():
    check_that_no_logit_sees_a_later_token(build().network)


def test_that_the_cache_gives_the_logits_of_the_whole_picture():
    check_that_steps_give_the_logits_of_the_whole_sequence(build().network)


def test_that_each_class_and_any_class_has_a_start_of_its_own_that_is_never_predicted():
    model = build()
    starts = model.network.vocab_size + torch.arange(3)[:, None]
    logits = model.network(starts)
    assert logits.shape == (3, 1, 5)
    assert len(logits.unique(dim=0)) == 3


def test_that_the_likelihood_is_of_the_picture_given_its_class():
    model, x = build(), pictures(2)
    score, none = model.scores()["log_prob"], torch.empty(2, 0)
    first, second, unknown = (score.score(x, none, {"label": torch.full((2,), k)}) for k in (0, 1, 2))
    assert not torch.allclose(first, second)
    torch.testing.assert_close(score.score(x, none, {}), unknown)
    tokens = torch.cat([torch.tensor([[5]]), ((x[:1] + 1) * 2).long().flatten(1)], dim=1)
    log_probs = torch.log_softmax(model.network(tokens[:, :-1]), dim=2)
    torch.testing.assert_close(first[0], log_probs[0, torch.arange(16), tokens[0, 1:]].sum())


def test_that_features_of_a_layer_are_those_of_the_blocks_up_to_it():
    model, x = build(), pictures(3)
    labels = torch.full((3,), 2)
    hidden = model.network.embed(model.sequences(x, labels))
    shallow = model.network.blocks[0](hidden)[0]
    torch.testing.assert_close(model.features(x, 1, labels), model.network.norm(shallow).mean(1))
    assert not torch.allclose(model.features(x, 1, labels), model.features(x, 2, labels))
