"""Everything a training imports, done before there is one: also what torch imports only when it is first used."""

import torch

from studio.engine.training import trainer
from studio.kit.training import Fit


def warm_up() -> None:
    """Take one step with a tiny network; the random state that it leaves is set anew by each run."""
    assert trainer.Fit is Fit
    network = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(network.parameters())
    network(torch.zeros(1, 2)).sum().backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()  # pyright: ignore[reportUnknownMemberType]
