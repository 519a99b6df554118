"""The mathematics of PaLM's design."""

import torch
from studio_transformer.cards.palm import PaLMParams
from studio_transformer.palm import PaLM, ParallelBlock
from studio_transformer.rotary import Rotary

from studio.api import Signature, Tokens
from tests.plugins.decoders import (
    check_that_no_logit_sees_a_later_token,
    check_that_steps_give_the_logits_of_the_whole_sequence,
)

SIGNATURE = Signature(space=Tokens(vocabulary=tuple("abcdefgh"), length=16))


def build() -> PaLM:
    torch.manual_seed(0)
    return PaLM(SIGNATURE, PaLMParams(context=16, width=32, layers=2, heads=2)).eval()


def test_that_no_logit_sees_a_later_token():
    check_that_no_logit_sees_a_later_token(build().network)


def test_that_the_cache_gives_the_logits_of_the_whole_text():
    check_that_steps_give_the_logits_of_the_whole_sequence(build().network)


def test_that_the_cache_holds_one_head_of_keys_and_values():
    _, cache = build().network.prefill(torch.zeros(3, 5, dtype=torch.int64))
    assert {name: tuple(tensor.shape) for name, tensor in cache.items()} == {
        f"{name}{layer}": (3, 1, 16, 16) for name in ("keys", "values") for layer in (0, 1)
    }


def test_that_products_of_turned_vectors_depend_on_their_distance_alone():
    torch.manual_seed(0)
    rotary, q, k = Rotary(64, 8), torch.randn(1, 8), torch.randn(1, 8)

    def product(a: int, b: int) -> float:
        return float((rotary(q, torch.tensor([a])) * rotary(k, torch.tensor([b]))).sum())

    assert abs(product(3, 10) - product(50, 57)) < 1e-4
    assert abs(product(3, 10) - product(3, 11)) > 1e-2


def test_that_a_block_adds_attention_and_swiglu_of_the_same_norm():
    torch.manual_seed(0)
    block, x, places = ParallelBlock(8, 2, Rotary(16, 4)), torch.randn(1, 3, 8), torch.arange(3)
    read = block.norm(x) @ block.read.weight.T
    q, k, v, gate, up = (read[..., a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 48), (48, 80)))
    heads = []
    for head in range(2):
        turned, keys = (block.rotary(part, places)[0] for part in (q[..., 4 * head : 4 * head + 4], k))
        weights = (turned @ keys.T / 2).masked_fill(torch.ones(3, 3).triu(1).bool(), -torch.inf).softmax(1)
        heads.append(weights @ v[0])
    swiglu = torch.nn.functional.silu(gate) * up
    expected = x + torch.cat([*heads, swiglu[0]], dim=1)[None] @ block.write.weight.T
    torch.testing.assert_close(block(x, places)[0], expected)


def test_that_nothing_has_a_bias():
    assert not [name for name, _ in build().named_parameters() if "bias" in name]
