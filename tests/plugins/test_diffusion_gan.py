"""The denoising diffusion GAN's own mathematics."""

import pytest
import torch
from studio_hybrid.cards.diffusion_gan import DiffusionGANParams
from studio_hybrid.diffusion_gan import AdversarialDenoising, DiffusionGAN
from studio_hybrid.transition import Transitions, alpha_bar

from studio.api import Image, Points, Signature
from studio.kit.sampler import sample
from studio.kit.training import Settings, Training

POINTS = Signature(space=Points(dimensions=2))
PICTURES = Signature(space=Image(height=8, width=8, channels=1), classes=("a", "b", "c"))


def gan(signature: Signature = POINTS, **params) -> DiffusionGAN:
    torch.manual_seed(0)
    return DiffusionGAN(signature, DiffusionGANParams(width=16, depth=1, latent=4, **params)).eval()


def test_that_the_noise_grows_as_the_variance_preserving_sde_says():
    t = torch.linspace(0, 0.5, 10_001, dtype=torch.float64)
    beta = 0.1 + t * (20 - 0.1)
    torch.testing.assert_close(alpha_bar(4)[2].double(), torch.exp(-torch.trapezoid(beta, t)), rtol=1e-5, atol=0)
    assert alpha_bar(4)[0] == 1


def test_that_a_higher_spacing_makes_the_steps_near_the_data_smaller_and_keeps_the_ends():
    even, bent = alpha_bar(4), alpha_bar(4, 3.0)
    torch.testing.assert_close(bent[[0, 4]], even[[0, 4]])
    torch.testing.assert_close(bent[2], alpha_bar(8)[1])


@pytest.mark.parametrize("step", [2, 3, 4])
def test_that_the_posterior_is_bayes_rule_on_a_grid(step: int):
    steps, x0, x = Transitions(4, 1.0), 0.7, -0.4
    bar, before = (float(steps.alpha_bar[k]) for k in (step, step - 1))
    grid = torch.linspace(-8, 8, 100_001, dtype=torch.float64)
    prior = -0.5 * (grid - before**0.5 * x0) ** 2 / (1 - before)
    likelihood = -0.5 * (x - (bar / before) ** 0.5 * grid) ** 2 / (1 - bar / before)
    weights = torch.softmax(prior + likelihood, 0)
    mean = float((weights * grid).sum())
    deviation = float((weights * (grid - mean) ** 2).sum().sqrt())
    of_x0, of_x, sigma = (float(value) for value in steps.coefficients(torch.tensor([step])))
    assert of_x0 * x0 + of_x * x == pytest.approx(mean, abs=1e-5)
    assert sigma == pytest.approx(deviation, abs=1e-5)


def test_that_the_last_step_gives_the_proposal_itself():
    x0, x, noise = torch.randn(3, 5, 2)
    torch.testing.assert_close(Transitions(4, 1.0).posterior(x0, x, torch.ones(5, dtype=torch.int64), noise), x0)


def test_that_a_diffused_pair_has_the_moments_of_the_forward_process():
    torch.manual_seed(1)
    steps = Transitions(4, 1.0)
    before, x, t = steps.diffused(torch.full((200_000, 1), 2.0))
    for step in (1, 2, 4):
        chosen, bar = t == step, steps.alpha_bar
        assert before[chosen].mean() == pytest.approx(2 * float(bar[step - 1].sqrt()), abs=0.02)
        assert x[chosen].var() == pytest.approx(float(1 - bar[step]), abs=0.02)
        covariance = float(torch.cov(torch.cat([before[chosen], x[chosen]], 1).T)[0, 1])
        assert covariance == pytest.approx(float((bar[step] / bar[step - 1]).sqrt() * (1 - bar[step - 1])), abs=0.02)


def test_that_real_and_generated_steps_come_from_the_same_noisier_samples():
    stage = AdversarialDenoising(gan())
    real = stage.gan.transitions.diffused(torch.randn(64, 2))
    fake = stage.generated(real, None)
    assert fake.x is real.x
    assert fake.t is real.t
    assert not torch.isclose(fake.before, real.before).all(1).any()


@pytest.mark.parametrize(("loss", "slopes"), [("non-saturating", 25.0), ("relativistic", 25.0 + 25.0)])
def test_that_the_paper_punishes_slopes_on_real_steps_and_the_pairs_on_generated_ones_too(loss: str, slopes: float):
    stage = judged_by(Slope(), gan(penalty=2.0, penalty_left=0.25, penalty_every=3, loss=loss))
    added = critic_loss(stage, halfway(3)) - critic_loss(stage, halfway(4))
    torch.testing.assert_close(added, torch.tensor(0.5 * 3 * 2.0 * 0.25**0.5 * slopes))


@pytest.mark.parametrize("loss", ["non-saturating", "relativistic"])
def test_that_only_differences_count_in_pairs_and_verdicts_themselves_in_the_paper(loss: str):
    model = gan(penalty=0.0, loss=loss)
    low, high = (critic_loss(judged_by(Slope(level), model), halfway(4)) for level in (0.0, 1.5))
    low_generator, high_generator = (generator_loss(judged_by(Slope(level), model)) for level in (0.0, 1.5))
    assert torch.isclose(high, low) == (loss == "relativistic")
    assert torch.isclose(high_generator, low_generator) == (loss == "relativistic")


@pytest.mark.parametrize("loss", ["non-saturating", "relativistic"])
def test_that_steps_that_look_real_are_the_generators_gain_and_the_discriminators_loss(loss: str):
    stage = judged_by(Slope(), gan(penalty=0.0, loss=loss))
    losses = []
    for place in (-1.0, 1.0):
        del stage.gan.generator
        stage.gan.generator = lambda x, z, time, labels, place=place: torch.full_like(x, place)
        losses.append((critic_loss(stage, halfway(4)), generator_loss(stage)))
    (critic_ugly, generator_ugly), (critic_fair, generator_fair) = losses
    assert critic_fair > critic_ugly
    assert generator_fair < generator_ugly


class Slope(torch.nn.Module):
    """A discriminator that rises by 5 in one direction, from a level at 0."""

    def __init__(self, level: float = 0.0) -> None:
        super().__init__()
        self.level = level

    def forward(self, before, x, time, labels):
        return self.level + before @ torch.tensor([[3.0], [4.0]]) + 0 * x[:, :1]


def judged_by(critic: torch.nn.Module, model: DiffusionGAN) -> AdversarialDenoising:
    """The model's stage with another discriminator."""
    model.critic = critic
    return AdversarialDenoising(model)


def halfway(step: int) -> Training:
    """The state of a training of which half is done at this step."""
    training = Training(Settings(), recorder=None)
    training.stage_step, training.stage_steps = step, 2 * step
    return training


def critic_loss(stage: AdversarialDenoising, training: Training) -> torch.Tensor:
    """The discriminator's loss on the same steps at every call."""
    torch.manual_seed(2)
    return stage.critic_loss(stage.gan.transitions.diffused(torch.zeros(64, 2)), None, training).detach()


def generator_loss(stage: AdversarialDenoising) -> torch.Tensor:
    """The generator's loss on the same steps at every call."""
    torch.manual_seed(2)
    return stage.generator_loss(stage.gan.transitions.diffused(torch.zeros(64, 2)), None).detach()


def test_that_the_latent_of_a_step_and_the_noise_of_its_draw_are_apart():
    model = gan()
    machine = model.samplers()["sample"]
    noise = torch.randn(3, 6)
    carry, last = machine.init(torch.randn(3, 2), {}), torch.tensor(3)
    same_latent, other_latent = noise.clone(), noise.clone()
    same_latent[:, :2] += 1
    other_latent[:, 2:] += 1
    first = machine.step(carry, last, noise, {})["x"]
    torch.testing.assert_close(machine.step(carry, last, same_latent, {})["x"], first)
    assert not torch.allclose(machine.step(carry, last, other_latent, {})["x"], first)
    assert not torch.allclose(
        machine.step(carry, torch.tensor(0), same_latent, {})["x"], machine.step(carry, torch.tensor(0), noise, {})["x"]
    )


def test_that_any_class_is_one_of_the_classes_through_all_steps():
    model = gan(PICTURES)
    for weight in model.average.parameters():
        weight.add_(0.02 * torch.randn_like(weight))
    machine = model.samplers()["sample"]
    drawn = sample(machine, 6, 3, {"label": torch.full((6,), 3)})
    chosen = torch.stack([sample(machine, 6, 3, {"label": torch.full((6,), k)}) for k in range(3)])
    nearest = (chosen - drawn).flatten(2).abs().amax(2).amin(0)
    torch.testing.assert_close(nearest, torch.zeros(6))
    assert not torch.allclose(chosen[0], chosen[1])
