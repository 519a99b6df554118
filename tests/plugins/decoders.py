"""What every decoder must do, for the tests of each family."""

import torch

from studio.kit.decoder import Decoder


def random_tokens(decoder: Decoder, n: int, length: int) -> torch.Tensor:
    return torch.randint(decoder.vocab_size, (n, length), generator=torch.Generator().manual_seed(1))


def check_that_no_logit_sees_a_later_token(decoder: Decoder) -> None:
    tokens = random_tokens(decoder, 2, decoder.context)
    place = decoder.context // 2
    changed = tokens.clone()
    changed[:, place] = (changed[:, place] + 1) % decoder.vocab_size
    before, after = decoder(tokens), decoder(changed)
    torch.testing.assert_close(before[:, :place], after[:, :place])
    assert not torch.allclose(before[:, place], after[:, place])


def check_that_steps_give_the_logits_of_the_whole_sequence(decoder: Decoder) -> None:
    tokens = random_tokens(decoder, 3, decoder.context)
    whole = decoder(tokens)
    known = decoder.context // 3
    logits, cache = decoder.prefill(tokens[:, :known])
    torch.testing.assert_close(logits, whole[:, :known], atol=2e-5, rtol=1e-4)
    shapes = {name: tensor.shape for name, tensor in cache.items()}
    for place in range(known, decoder.context):
        last, cache = decoder.step(tokens[:, place], torch.tensor(place), cache)
        torch.testing.assert_close(last, whole[:, place], atol=2e-5, rtol=1e-4)
        assert {name: tensor.shape for name, tensor in cache.items()} == shapes
