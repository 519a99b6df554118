"""VQGAN: codes of pictures that a discriminator of patches keeps crisp, and a prior over them."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Signature
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.vq_gan import VQGANParams
from .patches import PatchCritic
from .two_stages import TwoStages
from .vq_vae import Coding

SMALLEST, LARGEST = 1e-6, 1e4


class VQGAN(TwoStages):
    """The autoencoder also learns from a discriminator of patches, as strongly as from the squared error.

    The paper's perceptual loss is left out: it needs a network that was trained on a million photographs.

    Source: Esser et al., Taming Transformers for High-Resolution Image Synthesis, 2020, https://arxiv.org/abs/2012.09841
    """

    def __init__(self, signature: Signature, params: VQGANParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        if not self.inputs:
            self.critic = PatchCritic(signature.space.shape[0], params.critic_width)

    def coding(self) -> Stage:
        return AdversarialCoding(self)


class AdversarialCoding(Coding):
    """The discriminator joins in when the autoencoder has learned for a while; then the two take turns."""

    def __init__(self, model: VQGAN) -> None:
        params = cast(VQGANParams, model.params)
        super().__init__(model.coder, params)
        self.critic = model.critic
        self.start = params.critic_start
        self.weight = params.critic_weight
        self.last_layer = [layer for layer in model.coder.decoder.modules() if isinstance(layer, nn.Conv2d)][-1].weight

    def setup(self, training: Training) -> State:
        rate = self.params.tokenizer_rate
        return State(
            optimizer=torch.optim.AdamW(self.tokenizer.parameters(), rate, weight_decay=0.0),
            critic=torch.optim.AdamW(self.critic.parameters(), rate, betas=(0.5, 0.9), weight_decay=0.0),
        )

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        if training.fraction < self.start:
            return super().step(state, batch, training)
        x = self.pictures(batch)
        z, coded, again = self.through(x)
        self.critic.requires_grad_(False)
        error, deceit = F.mse_loss(again, x), -self.critic(again).mean()
        balance = balancing(error, deceit, self.last_layer)
        loss = error + coded.loss + self.weight * balance * deceit
        training.update(loss, state.optimizer, clip=1.0, lr=self.rate(training))
        self.critic.requires_grad_(True)
        self.tokenizer.quantizer.learn(z.detach())
        critic_loss = hinge(self.critic(x), self.critic(again.detach()))
        training.update(critic_loss, state.critic, clip=1.0, lr=self.rate(training))
        return {
            "error": error.detach(),
            "commitment": coded.loss.detach(),
            "critic_loss": critic_loss.detach(),
            "balance": balance,
        }


def balancing(error: Tensor, deceit: Tensor, last_layer: Tensor) -> Tensor:
    """How often the gradient of `deceit` by the decoder's last layer fits into that of the error: the paper's lambda."""
    of_error, of_deceit = (torch.autograd.grad(loss, last_layer, retain_graph=True)[0].norm() for loss in (error, deceit))
    return (of_error / (of_deceit + SMALLEST)).clamp(max=LARGEST).detach()


def hinge(real: Tensor, made: Tensor) -> Tensor:
    """The discriminator's loss: real patches should score above 1, made ones below -1."""
    return (F.relu(1 - real).mean() + F.relu(1 + made).mean()) / 2
