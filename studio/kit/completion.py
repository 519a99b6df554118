"""Samplers of every model of the next token: a text is continued, a picture begun from its class or from its upper part."""

import torch
from torch import Tensor

from studio.api.params import Params, param
from studio.api.sampler import Noise, Plan, Port
from studio.api.space import Space
from studio.kit.decoder import Decoder
from studio.kit.generator import sample_port
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.sequence import Tokenizer, start
from studio.kit.text_sampling import TokenControls, choose, controls_for, prompt_room

QUICK = 24


class TokenByToken(Sampler):
    """One token a step: the carry is the tokens (n, context), -1 where nothing stands yet, the position of the next one, the
    logits (n, vocab_size) for it and the decoder's cache.

    A token that stands already at the next position is taken instead of one that is drawn.
    """

    def __init__(self, decoder: Decoder) -> None:
        self.decoder = decoder

    def begin(self, known: Tensor, later: Tensor) -> Carry:
        """The carry after the tokens `known` (n, t); `later` (n, context - t) holds what else stands already, or -1."""
        logits, cache = self.decoder.prefill(known)
        position = torch.ones_like(known[0]).sum()
        return {"tokens": torch.cat([known, later], dim=1), "position": position, "logits": logits[:, -1], **cache}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        tokens, position = carry["tokens"], carry["position"]
        drawn = choose(carry["logits"], noise, given["temperature"], given["top_k"], given["top_p"])
        standing = tokens.index_select(1, position.reshape(1))[:, 0]
        token = torch.where(standing < 0, drawn, standing)
        here = torch.arange(self.decoder.context, device=token.device) == position
        cache = {name: tensor for name, tensor in carry.items() if name not in ("tokens", "position", "logits")}
        logits, cache = self.decoder.step(token, position, cache)
        return {"tokens": torch.where(here, token[:, None], tokens), "position": position + 1, "logits": logits, **cache}


class Completion(TokenByToken):
    """Continues a prompt; places of the text not yet written hold -1."""

    def __init__(self, decoder: Decoder, space: Space) -> None:
        super().__init__(decoder)
        longest = prompt_room(decoder.context)
        self.quick = {"length": min(QUICK, decoder.context - longest)}  # pyright: ignore[reportAttributeAccessIssue]
        self.Controls: type[Params] = controls_for(decoder.context)
        self.plan = Plan(steps="length", each=Noise(shape=(decoder.vocab_size,), law="gumbel"))
        self.inputs = (Port(name="prompt", kind="text", shape=(-1,), dtype="int64", longest=longest),)
        self.output = sample_port(space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        prompt = given["prompt"]
        blank = torch.full((prompt.shape[0], self.decoder.context - prompt.shape[1]), -1, device=prompt.device)
        return self.begin(prompt, blank)

    def finish(self, carry: Carry) -> Tensor:
        return carry["tokens"]


class FromStart(TokenByToken):
    """Makes samples that a tokenizer reads as sequences, from the token of their class on.

    Args:
        decoder: with a context of 1 + tokenizer.length.
        ports: the label, where there are classes; without one the class is "any", number `classes`.
    """

    Controls = TokenControls

    def __init__(self, decoder: Decoder, tokenizer: Tokenizer, space: Space, ports: tuple[Port, ...], classes: int) -> None:
        super().__init__(decoder)
        self.tokenizer = tokenizer
        self.classes = classes
        self.plan = Plan(steps=tokenizer.length, each=Noise(shape=(decoder.vocab_size,), law="gumbel"))
        self.inputs = ports
        self.output = sample_port(space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        any_class = torch.full((noise.shape[0],), self.classes, device=noise.device)
        labels = given.get("label", any_class)
        return self.begin(start(self.decoder.vocab_size, labels), self.standing(labels, given))

    def standing(self, labels: Tensor, given: Given) -> Tensor:
        """Tokens (n, length) that are given and not drawn; -1 elsewhere."""
        return torch.full((labels.shape[0], self.tokenizer.length), -1, device=labels.device)

    def finish(self, carry: Carry) -> Tensor:
        return self.tokenizer.decode(carry["tokens"][:, 1:])


class KeepControls(TokenControls):
    """How much of a picture stays."""

    keep: float = param(0.5, "How much of the picture, from its upper edge, is kept.", ge=0.0, le=1.0)


class FromUpperPart(FromStart):
    """Keeps the upper part of a picture and makes the rest."""

    Controls = KeepControls

    def __init__(self, decoder: Decoder, tokenizer: Tokenizer, space: Space, ports: tuple[Port, ...], classes: int) -> None:
        super().__init__(decoder, tokenizer, space, ports, classes)
        self.inputs = (sample_port(space), *ports)

    def standing(self, labels: Tensor, given: Given) -> Tensor:
        tokens = self.tokenizer.encode(given["sample"])
        shares = torch.arange(self.tokenizer.length, device=tokens.device) / self.tokenizer.length
        return torch.where(shares < given["keep"], tokens, -1)
