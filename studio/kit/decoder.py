"""What a model of the next token offers, whatever is inside: the contract of transformers, state-space models and priors."""

from torch import Tensor, nn

Cache = dict[str, Tensor]
"""What a decoder remembers of the tokens so far, by name: tensors whose shapes are the same after every step, batch first."""


class Decoder(nn.Module):
    """Base of networks that read tokens from left to right.

    Tokens from `vocab_size` on are starts: they may only stand first and are never predicted. A picture of class k begins with
    `vocab_size + k`, one of any class with `vocab_size + classes`; a text begins with any of its symbols and has no starts.

    Attributes:
        vocab_size: how many symbols may follow.
        context: how many tokens a sequence has at most, its start among them.

    Example:
        >>> import torch
        >>> from studio.kit.networks.decoder_transformer import DecoderTransformer
        >>> decoder = DecoderTransformer(vocab_size=5, context=8, width=16, layers=1, heads=2).eval()
        >>> logits, cache = decoder.prefill(torch.tensor([[1, 2, 3]]))
        >>> decoder.step(torch.tensor([4]), torch.tensor(3), cache)[0].shape
        torch.Size([1, 5])
    """

    vocab_size: int
    context: int

    def forward(self, tokens: Tensor) -> Tensor:
        """Logits (n, t, vocab_size) of the token after each of `tokens` (n, t), int64; a logit depends on no later token."""
        return self.prefill(tokens)[0]

    def prefill(self, tokens: Tensor) -> tuple[Tensor, Cache]:
        """The logits of `forward`, and what `step` needs to go on after these tokens."""
        raise NotImplementedError

    def step(self, token: Tensor, position: Tensor, cache: Cache) -> tuple[Tensor, Cache]:
        """Logits (n, vocab_size) after one more token (n,), the one at `position` (int64 scalar), and the cache with it."""
        raise NotImplementedError
