"""VQGAN's own mathematics."""

import pytest
import torch
from studio_hybrid.cards.vq_gan import VQGANParams
from studio_hybrid.vq_gan import VQGAN, AdversarialCoding, balancing, hinge

from studio.api import Image, Signature
from studio.kit.source import Batch
from studio.kit.training import Settings, Training

SIGNATURE = Signature(space=Image(height=8, width=8, channels=1))
PARAMS = VQGANParams(width=16, halvings=1, codes=16, critic_width=8, critic_start=0.5, prior_width=16, prior_layers=1)


class Silent:
    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples, insights): ...


def stage() -> AdversarialCoding:
    torch.manual_seed(0)
    return AdversarialCoding(VQGAN(SIGNATURE, PARAMS))


def step(coding: AdversarialCoding, done: int) -> dict[str, torch.Tensor]:
    training = Training(Settings(steps=10), Silent())
    training.stage_step, training.stage_steps = done, 10
    return dict(coding.step(coding.setup(training), Batch(torch.rand(4, 1, 8, 8) * 2 - 1), training))


def test_that_the_discriminator_s_pull_on_the_last_layer_is_made_as_strong_as_the_error_s():
    layer = torch.tensor([3.0, 4.0], requires_grad=True)
    error, deceit = (layer**2).sum(), 5 * layer.sum()
    balance = balancing(error, deceit, layer)
    torch.testing.assert_close(balance, torch.tensor(10 / (5 * 2**0.5)))
    (of_error,) = torch.autograd.grad(error, layer, retain_graph=True)
    (pulled,) = torch.autograd.grad(balance * deceit, layer)
    torch.testing.assert_close(pulled.norm(), of_error.norm())


def test_that_the_last_layer_is_the_one_that_makes_the_pixels():
    coding = stage()
    assert coding.last_layer.shape[0] == 4
    again = coding.through(torch.zeros(1, 1, 8, 8))[2]
    (gradient,) = torch.autograd.grad(again.sum(), coding.last_layer)
    assert gradient.abs().max() > 0


def test_that_a_pull_without_end_is_capped():
    layer = torch.ones(1, requires_grad=True)
    assert balancing(1e9 * layer.sum(), 1e-9 * layer.sum(), layer) == 1e4


def test_that_patches_scored_beyond_one_cost_nothing():
    assert hinge(torch.tensor([1.5, 2.0]), torch.tensor([-1.0, -3.0])) == 0
    torch.testing.assert_close(hinge(torch.tensor([0.0]), torch.tensor([0.5])), torch.tensor((1 + 1.5) / 2))


@pytest.mark.parametrize(("done", "learns"), [(4, False), (5, True)])
def test_that_the_discriminator_joins_in_when_it_should(done, learns):
    coding = stage()
    before = [weight.clone() for weight in coding.critic.parameters()]
    values = step(coding, done)
    moved = any(not torch.equal(a, b) for a, b in zip(before, coding.critic.parameters(), strict=True))
    assert moved == learns == ("critic_loss" in values)
    assert all(weight.requires_grad for weight in coding.critic.parameters())


def test_that_a_given_tokenizer_needs_no_discriminator():
    given = VQGAN(SIGNATURE, PARAMS)
    model = VQGAN(SIGNATURE, PARAMS, {"tokenizer": given})
    assert not hasattr(model, "critic")
    assert [stage.name for stage in model.stages()] == ["prior"]
    assert [stage.name for stage in given.stages()] == ["tokenizer", "prior"]
