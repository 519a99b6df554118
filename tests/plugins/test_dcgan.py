"""The GANs' common mathematics, and DCGAN's own."""

import pytest
import torch
from studio_gan.adversarial import frozen, uphill
from studio_gan.cards.dcgan import DCGANParams
from studio_gan.dcgan import DCGAN
from studio_gan.networks import Columns, Projection, pyramid
from studio_gan.regularisation import gradient_penalty

from studio.api import Column, Image, Points, Signature, Table
from studio.kit.source import Batch
from studio.kit.training import Settings, Training


class Silent:
    """A recorder that keeps nothing."""

    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples): ...


def _weights(network: torch.nn.Module) -> torch.Tensor:
    return torch.cat([weight.detach().flatten().clone() for weight in network.parameters()])


def test_that_the_gradient_penalty_of_a_linear_critic_is_its_squared_slope():
    x = torch.randn(7, 3, requires_grad=True)
    slope = torch.tensor([1.0, -2.0, 2.0])
    torch.testing.assert_close(gradient_penalty((x @ slope)[:, None], x), torch.tensor(9.0))


def test_that_spectral_norm_bounds_every_layer_of_the_hinge_critic():
    torch.manual_seed(0)
    gan = DCGAN(Signature(space=Image(height=8, width=8, channels=1)), DCGANParams(loss="hinge", width=8))
    gan.train()
    for _ in range(30):
        gan.critic(torch.randn(4, 1, 8, 8))
    weights = [m.weight for m in gan.critic.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    assert weights
    for weight in weights:
        assert torch.linalg.matrix_norm(weight.flatten(1), 2) < 1.1


@pytest.mark.parametrize(("lesson", "taught", "spared"), [
    ("teach_critic", "critic", "generator"), ("teach_generator", "generator", "critic"),
])  # fmt: skip
def test_that_a_lesson_changes_one_player_only(lesson: str, taught: str, spared: str):
    torch.manual_seed(0)
    gan = DCGAN(Signature(space=Points(dimensions=2)), DCGANParams(latent=2, width=8))
    training = Training(Settings(steps=4), Silent())
    stage = gan.stages()[0]
    before = {name: _weights(getattr(gan, name)) for name in (taught, spared)}
    getattr(stage, lesson)(stage.setup(training), Batch(torch.randn(6, 2)), training)
    assert not torch.equal(_weights(getattr(gan, taught)), before[taught])
    assert torch.equal(_weights(getattr(gan, spared)), before[spared])
    assert all(weight.requires_grad for weight in gan.critic.parameters())


def test_that_a_frozen_network_passes_gradients_on_to_what_it_is_given():
    network, x = torch.nn.Linear(3, 1), torch.randn(2, 3, requires_grad=True)
    with frozen(network):
        network(x).sum().backward()
    assert x.grad is not None
    assert network.weight.grad is None


def test_that_the_pull_on_points_is_the_discriminator_s_gradient():
    class Bowl(torch.nn.Module):
        def forward(self, x):
            return -x.square().sum(1, keepdim=True)

    x = torch.randn(5, 2)
    with torch.no_grad():
        torch.testing.assert_close(uphill(Bowl(), x), -2 * x)


def test_that_generated_rows_hold_a_probability_for_each_category_and_leave_numbers_alone():
    space = Table(columns=(Column(name="a"), Column(name="b", categories=("x", "y", "z")), Column(name="c")))
    raw = torch.randn(6, 5)
    rows = Columns(space)(raw)
    torch.testing.assert_close(rows[:, 1:4].sum(1), torch.ones(6))
    assert torch.equal(rows[:, 1:4].argmax(1), raw[:, 1:4].argmax(1))
    assert torch.equal(rows[:, [0, 4]], raw[:, [0, 4]])


def test_that_a_projection_without_a_class_gives_the_mean_over_classes():
    torch.manual_seed(0)
    projection, features = Projection(4, 3), torch.randn(1, 4)
    known = torch.stack([projection(features, torch.tensor([k])) for k in range(3)]).mean(0)
    torch.testing.assert_close(projection(features), known)


def test_that_a_pyramid_ends_before_a_picture_is_smaller_than_four_pixels():
    assert [level.height for level in pyramid(Image(height=32, width=32), 8)] == [32, 16, 8, 4]
    assert [level.height for level in pyramid(Image(height=28, width=28), 8)] == [28, 14, 7]
    assert [level.channels for level in pyramid(Image(height=64, width=64), 8)] == [8, 16, 32, 32, 32]
