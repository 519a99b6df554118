"""GPT's own mathematics."""

import torch
from studio_transformer.cards.gpt import GPTParams
from studio_transformer.gpt import GPT

from studio.api import Signature, Tokens
from studio.kit.sampler import sample
from tests.plugins.decoders import (
    check_that_no_logit_sees_a_later_token,
    check_that_steps_give_the_logits_of_the_whole_sequence,
)

SIGNATURE = Signature(space=Tokens(vocabulary=tuple("abcdefgh"), length=16))


def build() -> GPT:
    torch.manual_seed(0)
    return GPT(SIGNATURE, GPTParams(context=16, width=32, layers=2, heads=2)).eval()


def test_that_changing_a_later_token_never_changes_an_earlier_logit():
    check_that_no_logit_sees_a_later_token(build().network)


def test_that_the_cache_gives_the_logits_of_the_whole_text():
    check_that_steps_give_the_logits_of_the_whole_sequence(build().network)


def test_that_temperature_zero_takes_the_likeliest_token_and_keeps_the_prompt():
    gpt = build()
    prompt = torch.tensor([[1, 2, 3]])
    text = sample(gpt.samplers()["sample"], 1, 0, {"prompt": prompt}, {"temperature": 0.0, "length": 6})[0]
    expected = prompt[0].tolist()
    for _ in range(6):
        expected.append(int(gpt.network(torch.tensor([expected]))[0, -1].argmax()))
    assert text[:9].tolist() == expected
    assert set(text[9:].tolist()) == {-1}


def test_that_a_likelihood_is_asked_for_no_more_text_than_the_context_holds():
    assert [port.longest for port in build().scores()["log_prob"].inputs] == [16]


def test_that_a_preview_fits_into_a_short_context():
    sampler = build().samplers()["sample"]
    text = sample(sampler, 1, 0, {"prompt": torch.tensor([[1]])}, dict(sampler.quick))[0]
    assert (text >= 0).sum() == 1 + 12


def test_that_the_log_likelihood_adds_up_each_token_and_stops_where_the_text_does():
    gpt = build()
    score = gpt.scores()["log_prob"]
    text = torch.tensor([[1, 2, 3, 4, -1, -1]])
    log_probs = torch.log_softmax(gpt.network(text[:, :4]), dim=2)[0]
    expected = log_probs[0, 2] + log_probs[1, 3] + log_probs[2, 4]
    torch.testing.assert_close(score.score(text, torch.empty(1, 0), {})[0], expected)
