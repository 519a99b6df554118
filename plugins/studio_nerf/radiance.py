"""What radiance fields have in common: rays in, colours out, trained on the pixels of posed pictures."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Signature, Views
from studio.kit.generator import Generator, require
from studio.kit.rays import Rays
from studio.kit.sampler import Sampler
from studio.kit.source import Batch, Source
from studio.kit.stage import Batches, Stage, State
from studio.kit.training import Training

from .occupancy import Occupancy
from .refinement import Refinement
from .rendering import DIAGONAL, Seen, march, see
from .shots import Depth, Posed, RandomView, Turntable

UNKNOWN = 0.03
EVERY = 16
COARSER = 4
HELD_OUT_RAYS, AT_ONCE = 2048, 1024


class Rendered(NamedTuple):
    """Colours (n, 3) in [0, 1], how far away what is seen is (n,), and how much is seen (n,) from 0 to 1."""

    colour: Tensor
    depth: Tensor
    opacity: Tensor


class RadianceField(Generator):
    """Base of the methods: a subclass makes `field`, says how it learns, and may render in a way of its own.

    Attributes:
        field: a `Field`.
        crowded: while more of the cube than this may hold something, training takes coarser steps, which cost less.

    Args:
        samples: steps along the diagonal of the scene.
        cells: of the grid of empty space, along each axis.
    """

    field: Any
    crowded = 0.3

    def __init__(self, signature: Signature, params: Any, samples: int, cells: int) -> None:
        super().__init__(signature, params)
        require(signature.space, Views)
        assert isinstance(signature.space, Views)
        self.views = signature.space
        self.samples = samples
        self.occupancy = Occupancy(cells)
        self.refinement = Refinement(self.views.height, self.views.width)
        self.register_buffer("background", torch.tensor(self.views.background), persistent=False)
        self.register_buffer("centre", torch.tensor(self.views.centre), persistent=False)
        self.background: Tensor
        self.centre: Tensor

    def stages(self) -> Sequence[Stage]:
        return (Photographs(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": RandomView(self), "depth": Depth(self), "turntable": Turntable(self), "render": Posed(self)}

    def groups(self) -> list[dict[str, Any]]:
        """Weights with their first learning rates, for Adam."""
        raise NotImplementedError

    def refine(self, fraction: float) -> bool:
        """Make the field finer where that is due at a `fraction` of the training; whether its weights are new."""
        return False

    def penalty(self) -> Tensor | float:
        """What is added to the squared error."""
        return 0.0

    def looks(self, rays: Rays, samples: int, jitter: bool) -> Sequence[Seen]:
        """What rays in the cube's units see; the last look is the picture, those before it are trained too.

        Args:
            samples: steps along the diagonal.
            jitter: whether each ray's steps are moved by chance.
        """
        shift = torch.rand(rays.origins.shape[0], 1, device=rays.origins.device) if jitter else 0.5
        return (see(self.field, self.occupancy, rays, march(rays, samples, shift)),)

    def on_background(self, seen: Seen) -> Tensor:
        """Colours (n, 3) before the background."""
        return seen.colour + (1 - seen.opacity)[:, None] * self.background

    def inside(self, rays: Rays) -> Rays:
        """Rays of the scene in the units of the cube."""
        return Rays((rays.origins - self.centre) / self.views.radius, rays.directions)

    def render(self, rays: Rays) -> Rendered:
        """What rays in the scene's units see."""
        seen = self.looks(self.inside(rays), self.samples, jitter=False)[-1]
        depth = seen.distance / seen.opacity.clamp(min=1e-6) * self.views.radius
        return Rendered(self.on_background(seen), depth, seen.opacity)


class Photographs(Stage):
    """The squared error of pixels, with Adam and rates that fall exponentially."""

    def __init__(self, scene: RadianceField) -> None:
        self.scene = scene

    def data(self, source: Source) -> Batches:
        return source.rays()

    def setup(self, training: Training) -> State:
        groups = [group | {"first": group["lr"]} for group in self.scene.groups()]
        return State(optimizer=torch.optim.Adam(groups, betas=(0.9, 0.99), eps=1e-15))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        assert batch.rays is not None
        if self.scene.refine(training.fraction):
            state.optimizer.state.clear()
        if training.fraction >= UNKNOWN and training.stage_step % EVERY == 0:
            self.scene.occupancy.update(lambda points: self.scene.field.density(points)[0], DIAGONAL / self.scene.samples)
        looks = self.scene.looks(self.scene.inside(batch.rays), self._samples(), jitter=True)
        errors = [F.mse_loss(self.scene.on_background(seen), batch.x) for seen in looks]
        for group in state.optimizer.param_groups:
            group["lr"] = group["first"] * self.scene.params.final_rate**training.fraction
        training.update(torch.stack(errors).sum() + self.scene.penalty(), state.optimizer)
        return {"error": errors[-1].detach(), "psnr": psnr(errors[-1].detach())}

    def _samples(self) -> int:
        """In coarse steps while little is known to be empty, for then every step costs."""
        scene = self.scene
        return scene.samples if scene.occupancy.filled.float().mean() <= scene.crowded else scene.samples // COARSER

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        batch = source.held_out_rays(HELD_OUT_RAYS)
        assert batch.rays is not None
        parts = zip(batch.rays.origins.split(AT_ONCE), batch.rays.directions.split(AT_ONCE), strict=True)
        rendered = torch.cat([self.scene.render(Rays(*part)).colour for part in parts])
        return {"validation_psnr": float(psnr(F.mse_loss(rendered, batch.x)))}


def psnr(squared_error: Tensor) -> Tensor:
    """Peak signal to noise in dB of a mean squared error of numbers in [0, 1]."""
    return -10 * torch.log10(squared_error.clamp(min=1e-10))


def weights_of(*modules: nn.Module) -> list[nn.Parameter]:
    """The parameters of modules."""
    return [weight for module in modules for weight in module.parameters()]
