"""GPT: a decoder-only transformer trained to predict the next token."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Noise, Params, Plan, Port, Signature, StudioError, Tokens
from studio.kit.generator import Generator, Score, require, sample_port
from studio.kit.networks.decoder_transformer import Cache, DecoderTransformer
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.source import Batch, Source, cut
from studio.kit.stage import Batches, Stage, State
from studio.kit.text_sampling import choose, controls_for, prompt_room
from studio.kit.training import Training

from .cards.gpt import GPTParams

WARM_UP = 100


class GPT(Generator):
    """A decoder-only transformer on characters or bytes.

    Source: Radford et al., Language Models are Unsupervised Multitask Learners, 2019; trained as nanoGPT,
    https://github.com/karpathy/nanoGPT
    """

    def __init__(self, signature: Signature, params: GPTParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        require(signature.space, Tokens)
        if params.width % params.heads:
            raise StudioError(f"'width' must be a multiple of 'heads': {params.width} is not one of {params.heads}.")
        self.vocab_size = cast(Tokens, signature.space).vocab_size
        self.network = DecoderTransformer(
            self.vocab_size, params.context, params.width, params.layers, params.heads, params.dropout
        )  # fmt: skip

    def stages(self) -> Sequence[Stage]:
        return (NextToken(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Completion(self)}

    def scores(self) -> Mapping[str, Score]:
        return {"log_prob": LogProb(self)}


def next_token_loss(network: nn.Module, tokens: Tensor) -> Tensor:
    """Mean cross-entropy in nats of each token given those before it, for windows (n, t + 1)."""
    return F.cross_entropy(network(tokens[:, :-1]).flatten(0, 1), tokens[:, 1:].flatten())


class NextToken(Stage):
    """AdamW with warm-up and cosine decay."""

    def __init__(self, gpt: GPT) -> None:
        self.gpt = gpt
        self.params = cast(GPTParams, gpt.params)

    def data(self, source: Source) -> Batches:
        return source.windows(self.params.context + 1)

    def setup(self, training: Training) -> State:
        weights = list(self.gpt.parameters())
        decayed = [weight for weight in weights if weight.dim() > 1]
        plain = [weight for weight in weights if weight.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": self.params.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        return State(optimizer=torch.optim.AdamW(groups, lr=self.params.learning_rate, betas=(0.9, 0.99)))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        loss = next_token_loss(self.gpt.network, batch.x)
        warm = min(1.0, (training.stage_step + 1) / WARM_UP)
        low = self.params.final_rate
        decay = low + (1 - low) / 2 * (1 + math.cos(math.pi * training.fraction))
        training.update(loss, state.optimizer, clip=1.0, lr=self.params.learning_rate * warm * decay)
        return {"loss": loss.detach()}

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        return {"validation_loss": validation_loss(self.gpt.network, source.validation, self.params.context, 512)}


def validation_loss(network: nn.Module, stream: Tensor, context: int, windows: int) -> float:
    """Mean loss in nats per token over at most `windows` stretches, evenly spread over a stream (N,)."""
    count = min(windows, max(1, (len(stream) - 1) // context))
    starts = torch.linspace(0, max(0, len(stream) - context - 1), count, device=stream.device).long()
    losses = [next_token_loss(network, cut(stream, part, context + 1)) for part in starts.split(64)]
    sizes = [len(part) for part in starts.split(64)]
    return float(sum(loss * size for loss, size in zip(losses, sizes, strict=True)) / count)


class Completion(Sampler):
    """Continues a prompt, one token a step; places not yet written hold -1."""

    quick = {"length": 24}

    def __init__(self, gpt: GPT) -> None:
        self.network = gpt.network
        context = self.network.context
        self.Controls: type[Params] = controls_for(context)
        self.plan = Plan(steps="length", each=Noise(shape=(gpt.vocab_size,), law="gumbel"))
        self.inputs = (Port(name="prompt", kind="text", shape=(-1,), dtype="int64", longest=prompt_room(context)),)
        self.output = sample_port(gpt.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        prompt = given["prompt"]
        n, length = prompt.shape
        logits, cache = self.network.prefill(prompt)
        blank = torch.full((n, self.network.context - length), -1, dtype=torch.int64, device=prompt.device)
        position = torch.ones_like(prompt[0]).sum()
        return {"tokens": torch.cat([prompt, blank], dim=1), "position": position, "logits": logits[:, -1], **_named(cache)}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        token = choose(carry["logits"], noise, given["temperature"], given["top_k"], given["top_p"])
        position = carry["position"]
        here = torch.arange(self.network.context, device=token.device) == position
        tokens = torch.where(here, token[:, None], carry["tokens"])
        logits, cache = self.network.step(token, position, self._cache(carry))
        return {"tokens": tokens, "position": position + 1, "logits": logits, **_named(cache)}

    def finish(self, carry: Carry) -> Tensor:
        return carry["tokens"]

    def _cache(self, carry: Carry) -> Cache:
        return [(carry[f"keys{k}"], carry[f"values{k}"]) for k in range(len(self.network.blocks))]


def _named(cache: Cache) -> Carry:
    keys = {f"keys{k}": keys for k, (keys, _) in enumerate(cache)}
    return keys | {f"values{k}": values for k, (_, values) in enumerate(cache)}


class LogProb(Score):
    """Log-likelihood in nats of a text (n, t), given its first token."""

    def __init__(self, gpt: GPT) -> None:
        self.network = gpt.network
        self.inputs = (sample_port(gpt.space),)

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        log_probs = F.log_softmax(self.network(sample)[:, :-1], dim=2)
        return log_probs.gather(2, sample[:, 1:, None]).squeeze(2).sum(1)
