"""How tokens are drawn."""

import torch

from studio.kit.text_sampling import choose


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
