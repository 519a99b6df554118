"""How the level of each channel of a pixel is distributed, given what is known of the pixel; channels follow one another."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Params, StudioError, param
from studio.kit.completion import KeepControls
from studio.kit.logistic import discretised_logistic
from studio.kit.sampler import Given
from studio.kit.text_sampling import TokenControls, choose

from .gated import concat_elu

FEW_LEVELS, MOST_LEVELS = 32, 256
SMALLEST = -7.0


class PixelLikelihood(nn.Module):
    """Base of the distributions of a pixel.

    Attributes:
        draws: Gumbel numbers that drawing a pixel takes.
        Controls: how pixels are drawn; `KeepControls` for pictures of which a part is kept.
    """

    draws: int
    Controls: type[Params]
    KeepControls: type[Params]

    def log_prob(self, features: Tensor, levels: Tensor) -> Tensor:
        """Log-probability in nats of pixels' levels (..., channels), int64, from features (..., width): (...)."""
        raise NotImplementedError

    def draw(self, features: Tensor, gumbel: Tensor, given: Given) -> Tensor:
        """Levels (n, channels) from features (n, width) and noise (n, draws)."""
        raise NotImplementedError


def likelihood_for(space: Image, name: str, width: int, mixtures: int) -> PixelLikelihood:
    """A softmax where levels are few, a mixture of logistics otherwise, unless one of them is named.

    Raises:
        StudioError: a softmax over more than 256 levels.
    """
    if name == "logistic_mixture" or (name == "auto" and space.levels > FEW_LEVELS):
        return LogisticMixture(space, width, mixtures)
    if space.levels > MOST_LEVELS:
        raise StudioError(
            f"A softmax is for at most {MOST_LEVELS} levels, not {space.levels}: set 'likelihood' to logistic_mixture."
        )
    return Softmax(space, width)


class Softmax(PixelLikelihood):
    """A probability for each level of each channel, given the levels of the channels before it.

    Source: van den Oord et al., Pixel Recurrent Neural Networks, 2016, https://arxiv.org/abs/1601.06759
    """

    Controls = TokenControls
    KeepControls = KeepControls

    def __init__(self, space: Image, width: int) -> None:
        super().__init__()
        self.levels, self.channels = space.levels, space.channels
        self.draws = self.levels * self.channels
        self.heads = nn.ModuleList(nn.Linear(2 * width, self.levels) for _ in range(self.channels))
        self.earlier = nn.ModuleList(
            nn.ModuleList(nn.Embedding(self.levels, width) for _ in range(channel)) for channel in range(self.channels)
        )

    def logits(self, features: Tensor, before: Sequence[Tensor]) -> Tensor:
        """Of the channel after those whose levels (...) stand in `before`: (..., levels)."""
        channel = len(before)
        tables = self.earlier[channel]
        assert isinstance(tables, nn.ModuleList)
        for table, levels in zip(tables, before, strict=True):
            features = features + table(levels)
        return self.heads[channel](concat_elu(features, dim=-1))

    def log_prob(self, features: Tensor, levels: Tensor) -> Tensor:
        each = levels.unbind(-1)
        logits = [self.logits(features, each[:channel]) for channel in range(self.channels)]
        log_probs = F.log_softmax(torch.stack(logits, dim=-2), dim=-1)
        return log_probs.gather(-1, levels[..., None]).squeeze(-1).sum(-1)

    def draw(self, features: Tensor, gumbel: Tensor, given: Given) -> Tensor:
        drawn: list[Tensor] = []
        for noise in gumbel.split(self.levels, dim=1):
            logits = self.logits(features, drawn)
            drawn.append(choose(logits, noise, given["temperature"], given["top_k"], given["top_p"]))
        return torch.stack(drawn, dim=1)


class MixtureControls(Params):
    """How boldly a mixture is drawn from."""

    temperature: float = param(
        1.0, "Below 1 is safer, above 1 bolder: of the choice among the logistics, and of their scales.", ge=0.0, le=2.0
    )


class KeepMixtureControls(MixtureControls):
    """The same, with how much of a picture stays."""

    keep: float = param(0.5, "How much of the picture, from its upper edge, is kept.", ge=0.0, le=1.0)


class LogisticMixture(PixelLikelihood):
    """A mixture of discretised logistics, shared by the channels; the mean of a channel is linear in the channels before it.

    Source: Salimans et al., PixelCNN++, 2017, https://arxiv.org/abs/1701.05517
    """

    Controls = MixtureControls
    KeepControls = KeepMixtureControls

    def __init__(self, space: Image, width: int, mixtures: int) -> None:
        super().__init__()
        self.levels, self.channels, self.mixtures = space.levels, space.channels, mixtures
        self.draws = mixtures + 2 * self.channels
        self.parts = 1 + 2 * self.channels + self.channels * (self.channels - 1) // 2
        self.head = nn.Linear(2 * width, self.parts * mixtures)
        with torch.no_grad():
            self.head.bias.unflatten(0, (self.parts, mixtures))[1 : 1 + self.channels] = torch.linspace(-1, 1, mixtures)

    def components(self, features: Tensor) -> tuple[Tensor, ...]:
        """From (..., width), each (..., mixtures): logits, the means of each channel, their log-scales, then coefficients."""
        return self.head(concat_elu(features, dim=-1)).unflatten(-1, (self.parts, self.mixtures)).unbind(-2)

    def channel(self, parts: Sequence[Tensor], before: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Mean and log-scale of the channel after those whose values, of the shape of a part, stand in `before`."""
        k = len(before)
        mean, log_scale = parts[1 + k], parts[1 + self.channels + k]
        first = 1 + 2 * self.channels + k * (k - 1) // 2
        for coefficient, value in zip(parts[first : first + k], before, strict=True):
            mean = mean + torch.tanh(coefficient) * value
        return mean, log_scale.clamp(min=SMALLEST)

    def value(self, levels: Tensor) -> Tensor:
        """Levels on the scale of pixels, [-1, 1]."""
        return levels * (2 / (self.levels - 1)) - 1

    def nearest(self, value: Tensor) -> Tensor:
        """The level nearest to a value, int64."""
        highest = self.levels - 1
        return ((value + 1) * (highest / 2)).round().clamp(0, highest).long()

    def log_prob(self, features: Tensor, levels: Tensor) -> Tensor:
        parts = self.components(features)
        values = self.value(levels)[..., None].unbind(-2)
        log_probs = F.log_softmax(parts[0], dim=-1)
        for channel, x in enumerate(values):
            log_probs = log_probs + discretised_logistic(x, *self.channel(parts, values[:channel]), self.levels)
        return log_probs.logsumexp(-1)

    def draw(self, features: Tensor, gumbel: Tensor, given: Given) -> Tensor:
        parts, temperature = self.components(features), given["temperature"]
        chosen = (parts[0] + temperature * gumbel[:, : self.mixtures]).argmax(1, keepdim=True)
        picked = [part.gather(1, chosen) for part in parts]
        one, other = gumbel[:, self.mixtures :].split(self.channels, dim=1)
        values: list[Tensor] = []
        drawn: list[Tensor] = []
        for logistic in (one - other).split(1, dim=1):
            mean, log_scale = self.channel(picked, values)
            drawn.append(self.nearest(mean + temperature * log_scale.exp() * logistic))
            values.append(self.value(drawn[-1]))
        return torch.cat(drawn, dim=1)
