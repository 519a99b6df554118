"""GPT's own mathematics."""

import torch
from studio_transformer.cards.gpt import GPTParams
from studio_transformer.gpt import GPT

from studio.api import Signature, Tokens
from studio.kit.sampler import sample
from studio.kit.text_sampling import choose

SIGNATURE = Signature(space=Tokens(vocabulary=tuple("abcdefgh"), length=16))


def build() -> GPT:
    torch.manual_seed(0)
    return GPT(SIGNATURE, GPTParams(context=16, width=32, layers=2, heads=2)).eval()


def test_that_changing_a_later_token_never_changes_an_earlier_logit():
    gpt = build()
    tokens = torch.randint(8, (2, 16))
    changed = tokens.clone()
    changed[:, 9] = (changed[:, 9] + 1) % 8
    torch.testing.assert_close(gpt.network(tokens)[:, :9], gpt.network(changed)[:, :9])
    assert not torch.allclose(gpt.network(tokens)[:, 9], gpt.network(changed)[:, 9])


def test_that_the_cache_gives_the_logits_of_the_whole_text():
    gpt = build()
    tokens = torch.randint(8, (3, 12))
    logits, cache = gpt.network.prefill(tokens[:, :5])
    for place in range(5, 12):
        torch.testing.assert_close(
            logits[:, -1] if logits.dim() == 3 else logits, gpt.network(tokens[:, :place])[:, -1], atol=1e-5, rtol=1e-4
        )
        logits, cache = gpt.network.step(tokens[:, place], torch.tensor(place), cache)


def test_that_temperature_zero_takes_the_likeliest_token_and_keeps_the_prompt():
    gpt = build()
    prompt = torch.tensor([[1, 2, 3]])
    text = sample(gpt.samplers()["sample"], 1, 0, {"prompt": prompt}, {"temperature": 0.0, "length": 6})[0]
    expected = prompt[0].tolist()
    for _ in range(6):
        expected.append(int(gpt.network(torch.tensor([expected]))[0, -1].argmax()))
    assert text[:9].tolist() == expected
    assert set(text[9:].tolist()) == {-1}


def test_that_top_k_and_top_p_exclude_unlikely_tokens():
    logits = torch.log(torch.tensor([[0.5, 0.3, 0.15, 0.05]])).expand(4000, 4)
    uniform = torch.rand(4000, 4, generator=torch.Generator().manual_seed(0))
    gumbel = -torch.log(-torch.log(uniform))

    def drawn(top_k: int, top_p: float) -> torch.Tensor:
        chosen = choose(logits, gumbel, torch.tensor(1.0), torch.tensor(top_k), torch.tensor(top_p))
        return torch.bincount(chosen, minlength=4) / 4000

    assert drawn(2, 1.0)[2:].sum() == 0
    assert drawn(0, 0.79)[2:].sum() == 0
    torch.testing.assert_close(drawn(0, 1.0), torch.tensor([0.5, 0.3, 0.15, 0.05]), atol=0.03, rtol=0)
