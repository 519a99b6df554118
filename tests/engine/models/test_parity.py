"""The step graphs, the whole graph and torch make the same samples."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from studio.engine.models.measuring import gap
from studio.kit.sampler import sample as torch_sample
from tests.engine.models.conftest import Exported

INPUTS: dict[tuple[str, str], Callable[[int], dict[str, np.ndarray[Any, Any]]]] = {
    ("latent", "sample"): lambda n: {"label": np.arange(n) % 3},
    ("latent", "reconstruct"): lambda n: {
        "label": np.arange(n) % 3,
        "sample": np.linspace(-1, 1, n * 16, dtype=np.float32).reshape(n, 1, 4, 4),
    },
    ("denoiser", "sample"): lambda n: {"label": np.arange(n) % 3},
    ("writer", "sample"): lambda n: {"prompt": np.arange(n * 3).reshape(n, 3) % 8},
    ("fixed", "sample"): lambda n: {"unused": np.zeros((n, 2), np.float32)},
}


@pytest.mark.parametrize("n", [1, 7])
@pytest.mark.parametrize(("toy", "sampler"), INPUTS)
def test_that_steps_whole_and_torch_agree_at_other_batch_sizes(
    toy: str, sampler: str, n: int, exported: Callable[[str], Exported]
) -> None:
    made, inputs = exported(toy), INPUTS[toy, sampler](n)
    tensors = {name: torch.from_numpy(array) for name, array in inputs.items()}
    expected = torch_sample(made.generator.samplers()[sampler], n, 5, tensors).numpy()
    assert gap(made.model.sample(sampler, n, seed=5, inputs=inputs), expected) <= 1e-4
    assert gap(made.model.run_whole(sampler, n, seed=5, inputs=inputs), expected) <= 1e-4


@pytest.mark.parametrize("n", [1, 7])
def test_that_a_score_with_noise_agrees_with_torch(n: int, exported: Callable[[str], Exported]) -> None:
    from studio.api import NoiseStream

    made = exported("latent")
    score = made.generator.scores()["bound"]
    assert score.noise
    samples = made.model.sample(n=n)
    with torch.no_grad():
        noise = torch.from_numpy(NoiseStream(3, n).draw(score.noise))
        expected = score.score(torch.from_numpy(samples), noise, {"label": torch.full((n,), 2)})
    assert gap(made.model.score("bound", samples, seed=3), expected.numpy()) <= 1e-4


@pytest.mark.parametrize("prompt", ["a", "abc", "abcdefg"])
def test_that_prompts_of_any_length_are_continued_as_in_torch(prompt: str, exported: Callable[[str], Exported]) -> None:
    made = exported("writer")
    tokens = torch.tensor([["abcdefg ".index(letter) for letter in prompt[-4:]]] * 3)
    expected = torch_sample(made.generator.samplers()["sample"], 3, 1, {"prompt": tokens}).numpy()
    np.testing.assert_array_equal(made.model.sample(n=3, seed=1, inputs={"prompt": prompt}), expected)


def test_that_a_control_changes_the_number_of_steps_in_both_graphs(exported: Callable[[str], Exported]) -> None:
    made = exported("denoiser")
    for steps in (1, 9):
        expected = torch_sample(
            made.generator.samplers()["sample"], 2, 0, {"label": torch.tensor([2, 2])}, {"steps": steps}
        ).numpy()
        assert gap(made.model.sample(n=2, controls={"steps": steps}), expected) <= 1e-4
        assert gap(made.model.run_whole(n=2, controls={"steps": steps}), expected) <= 1e-4


def test_that_sampling_is_deterministic_and_does_not_depend_on_the_batch(exported: Callable[[str], Exported]) -> None:
    model = exported("denoiser").model
    np.testing.assert_array_equal(model.sample(n=5, seed=3), model.sample(n=5, seed=3))
    assert gap(model.sample(n=2, seed=3), model.sample(n=5, seed=3)[:2]) <= 1e-5


def test_that_given_noise_is_followed_by_the_seeds_noise(exported: Callable[[str], Exported]) -> None:
    from studio.api import Noise, NoiseStream

    model = exported("denoiser").model
    start = NoiseStream(4, 2).draw(Noise(shape=(1, 4, 4)))
    np.testing.assert_array_equal(model.sample(n=2, seed=4, noise=start), model.sample(n=2, seed=4))
