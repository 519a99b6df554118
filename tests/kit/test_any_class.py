"""What "any class" means to a model that needs to know the class."""

import torch

from studio.kit.any_class import latent_and_labels, noise_for


def test_that_any_class_draws_each_class_equally_often_and_leaves_the_latent_untouched():
    noise = torch.randn(8000, *noise_for(3, 4).shape, generator=torch.Generator().manual_seed(0))
    latent, labels = latent_and_labels(noise, {"label": torch.full((8000,), 4)}, 4)
    torch.testing.assert_close(latent, noise[:, :3])
    assert labels is not None
    torch.testing.assert_close(torch.bincount(labels, minlength=4) / 8000, torch.full((4,), 0.25), atol=0.02, rtol=0)


def test_that_a_class_that_was_asked_for_is_kept_and_no_classes_need_no_more_noise():
    _, labels = latent_and_labels(torch.randn(5, 4), {"label": torch.tensor([0, 1, 2, 1, 0])}, 3)
    assert labels is not None
    assert labels.tolist() == [0, 1, 2, 1, 0]
    assert noise_for(3, 0).shape == (3,)
    assert latent_and_labels(torch.randn(5, 3), {}, 0)[1] is None
