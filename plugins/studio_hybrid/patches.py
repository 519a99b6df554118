"""A discriminator of patches: it judges how pictures look close by, not what they show."""

from torch import Tensor, nn

from studio.kit.networks.unet import groups

SLOPE = 0.2


class PatchCritic(nn.Module):
    """(n, channels, h, w) -> scores of overlapping patches (n, 1, h', w'), higher where they look real.

    Source: Isola et al., Image-to-Image Translation with Conditional Adversarial Networks, 2016,
    https://arxiv.org/abs/1611.07004; normalised in groups instead of across the batch
    """

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.network = nn.Sequential(
            nn.Conv2d(channels, width, 4, stride=2, padding=1),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.GroupNorm(groups(2 * width), 2 * width),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(2 * width, 1, 3, padding=1),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)
