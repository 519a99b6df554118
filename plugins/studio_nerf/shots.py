"""Pictures of a scene from cameras: random, on a turntable, or given; one step is one chunk of rays."""

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from studio.api import Noise, Params, Plan, Port, Views, param
from studio.kit.generator import sample_port
from studio.kit.rays import cast_rays, orbit
from studio.kit.sampler import Carry, Given, Sampler

if TYPE_CHECKING:
    from .radiance import RadianceField, Rendered

SHARP = 2500


class Shot(Sampler):
    """A picture that sharpens: after few steps it is coarse, after all it is whole. Subclasses say where the camera stands."""

    channels = 3

    def __init__(self, scene: "RadianceField") -> None:
        self.scene = scene
        self.Controls: type[Params] = self.controls(scene.views, scene.refinement.steps)
        self.plan = Plan(steps="steps")
        self.output = sample_port(scene.views)
        stride = 1
        while scene.views.height * scene.views.width > SHARP * stride**2 and stride < 16:
            stride *= 2
        self.quick = {"steps": scene.refinement.preview_steps(stride)}

    def controls(self, views: Views, steps: int) -> type[Params]:
        """The sliders."""
        return refining(steps)

    def poses(self, noise: Tensor, given: Given) -> Tensor:
        """Cameras, (n, 3 or 4, 4)."""
        raise NotImplementedError

    def measure(self, rendered: "Rendered", pose: Tensor) -> Tensor:
        """What is kept of rays, (n, channels)."""
        return rendered.colour

    def init(self, noise: Tensor, given: Given) -> Carry:
        pose = self.poses(noise, given)[:, :3].contiguous()
        blank = self.scene.background[: self.channels, None]
        size = self.scene.refinement.order.numel()
        known = blank.expand(pose.shape[0], self.channels, size).contiguous()
        return {"pose": pose, "known": known, "done": torch.zeros((), dtype=torch.int64, device=pose.device)}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        pose, order, views = carry["pose"], self.scene.refinement.order, self.scene.views
        pixels = order.index_select(0, i.reshape(1))[0]
        each = pose[:, None].expand(-1, pixels.shape[0], -1, -1).reshape(-1, 3, 4)
        several = pixels.expand(pose.shape[0], -1).reshape(-1)
        rays = cast_rays(each, several // views.width, several % views.width, views, self._focal(given))
        seen = self.measure(self.scene.render(rays), each).reshape(pose.shape[0], pixels.shape[0], self.channels).transpose(1, 2)
        now = (torch.arange(order.shape[0], device=pose.device) == i)[:, None]
        known = torch.where(now, seen[:, :, None], carry["known"].unflatten(2, order.shape)).flatten(2)
        return {"pose": pose, "known": known, "done": i + 1}

    def finish(self, carry: Carry) -> Tensor:
        filled = self.scene.refinement.fill(carry["known"], carry["done"])
        return filled.unflatten(2, (self.scene.views.height, self.scene.views.width)).expand(-1, 3, -1, -1).clamp(0, 1)

    def _focal(self, given: Given) -> Tensor | None:
        if "field_of_view" not in given:
            return None
        return self.scene.views.width / 2 / torch.tan(given["field_of_view"] * (math.pi / 360))


class RandomView(Shot):
    """From anywhere that the pictures were taken from, or with `spread` 0 from just where the sliders say."""

    def __init__(self, scene: "RadianceField") -> None:
        super().__init__(scene)
        self.plan = Plan(steps="steps", initial=Noise(shape=(2,), law="uniform"))

    def controls(self, views: Views, steps: int) -> type[Params]:
        return roaming(views, steps)

    def poses(self, noise: Tensor, given: Given) -> Tensor:
        low, high = self.scene.views.elevations
        spread = given["spread"]
        azimuth = given["azimuth"] + spread * 180 * (2 * noise[:, 0] - 1)
        elevation = given["elevation"] + spread * (low + noise[:, 1] * (high - low) - given["elevation"])
        return orbit(azimuth, elevation, given["distance"].expand(noise.shape[0]), self.scene.views.centre)


class Depth(RandomView):
    """How far away things are, of the same cameras: the nearest is white, the farthest and empty space black."""

    channels = 1

    def measure(self, rendered: "Rendered", pose: Tensor) -> Tensor:
        centre, radius = self.scene.centre, self.scene.views.radius
        middle = (pose[:, :, 3] - centre).square().sum(1).sqrt()
        nearness = (middle + math.sqrt(2) * radius - rendered.depth) / (2 * math.sqrt(2) * radius)
        return (rendered.opacity * nearness.clamp(0, 1))[:, None]


class Turntable(Shot):
    """Once around: `turn` is how far each picture's camera has come, from 0 to 1."""

    def __init__(self, scene: "RadianceField") -> None:
        super().__init__(scene)
        self.inputs = (Port(name="turn", kind="number"),)

    def controls(self, views: Views, steps: int) -> type[Params]:
        return aimed(views, steps)

    def poses(self, noise: Tensor, given: Given) -> Tensor:
        azimuth = given["azimuth"] + 360 * given["turn"]
        elevation, distance = (given[name].expand(azimuth.shape[0]) for name in ("elevation", "distance"))
        return orbit(azimuth, elevation, distance, self.scene.views.centre)


class Posed(Shot):
    """From given cameras, (n, 4, 4), camera to world."""

    def __init__(self, scene: "RadianceField") -> None:
        super().__init__(scene)
        self.inputs = (Port(name="pose", kind="any", shape=(4, 4)),)

    def poses(self, noise: Tensor, given: Given) -> Tensor:
        return given["pose"]


def refining(last: int) -> type[Params]:
    """The slider of every shot."""

    class Refining(Params):
        steps: int = param(last, "Chunks of rays; with fewer the picture is coarser and sooner there.", ge=1, le=last)

    return Refining


def aimed(views: Views, last: int) -> type[Params]:
    """Sliders of a camera that looks at the centre of the scene."""
    low, high = views.elevations
    angle = math.degrees(2 * math.atan(views.width / 2 / views.focal))

    class Aimed(refining(last)):
        azimuth: float = param(0.0, "Where the camera stands around the scene.", ge=-360, le=360, unit="degrees")
        elevation: float = param((low + high) / 2, "How high it stands above the horizon.", ge=-90, le=90, unit="degrees")
        distance: float = param(
            views.distance, "How far it is from the centre.", ge=0.1 * views.distance, le=4 * views.distance, unit="scene units"
        )
        field_of_view: float = param(angle, "How wide it sees.", ge=2, le=150, unit="degrees", basic=False)

    return Aimed


def roaming(views: Views, last: int) -> type[Params]:
    """And by how much cameras differ."""

    class Roaming(aimed(views, last)):
        spread: float = param(
            1.0, "1 takes any camera like those of the pictures, 0 only the one described above.", ge=0.0, le=1.0
        )

    return Roaming
