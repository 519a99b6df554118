"""Time per picture of 50 DDIM steps of one network: the diffusers pipeline, torch eager, and the exported step loop, in turn.

    OMP_NUM_THREADS=1 OMP_WAIT_POLICY=PASSIVE python tests/benchmarks/sampling.py [--width 32] [--steps 50] [--rounds 5]

The network is diffusers' UNet2DModel with random weights, the same object for all three. Prints medians of process time and
wall time in milliseconds, and the ratio to the pipeline.
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMPipeline, DDIMScheduler, UNet2DModel
from torch import Tensor

from studio.api import Image, ModelCard, Noise, Params, Plan, Signature, param
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.kit.generator import Generator, sample_port
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.sampler import sample as torch_sample

TIMESTEPS = 1000


class Wrapped(Generator):
    """diffusers' network as a generator of the studio."""

    def __init__(self, signature: Signature, width: int) -> None:
        super().__init__(signature, None)
        self.unet = UNet2DModel(
            sample_size=signature.space.shape[1], in_channels=1, out_channels=1, layers_per_block=1,
            block_out_channels=(width, 2 * width, 4 * width), norm_num_groups=8,
            down_block_types=("DownBlock2D", "DownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        )  # fmt: skip
        self.scheduler = DDIMScheduler(num_train_timesteps=TIMESTEPS, clip_sample=False, set_alpha_to_one=False)
        self.register_buffer("bars", self.scheduler.alphas_cumprod)
        self.bars: Tensor

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": DDIM(self)}


class Steps(Params):
    """How many."""

    steps: int = param(50, "Network evaluations.", ge=1, le=TIMESTEPS)


class DDIM(Sampler):
    """diffusers' DDIMScheduler with "leading" timesteps."""

    Controls = Steps

    def __init__(self, wrapped: Wrapped) -> None:
        self.wrapped = wrapped
        self.plan = Plan(steps="steps", initial=Noise(shape=wrapped.space.shape))
        self.output = sample_port(wrapped.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": noise}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        stride = torch.full_like(given["steps"], TIMESTEPS) // given["steps"]
        t = (given["steps"] - 1 - i) * stride
        bar, before = (
            self.wrapped.bars.index_select(0, at.clamp(min=0).reshape(1)).reshape(1, 1, 1, 1) for at in (t, t - stride)
        )
        epsilon = self.wrapped.unet(carry["x"], t.expand(carry["x"].shape[0]), return_dict=False)[0]
        x0 = (carry["x"] - (1 - bar).sqrt() * epsilon) / bar.sqrt()
        return {"x": before.sqrt() * x0 + (1 - before).sqrt() * epsilon}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]


def timed(call: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds of process time and of wall time."""
    cpu, wall = time.process_time(), time.perf_counter()
    call()
    return 1000 * (time.process_time() - cpu), 1000 * (time.perf_counter() - wall)


def main() -> None:
    """Export, check that all agree, then time them in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    for name, default in (("width", 32), ("size", 32), ("steps", 50), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    torch.manual_seed(0)
    generator = Wrapped(Signature(space=Image(height=asked.size, width=asked.size, channels=1, levels=256)), asked.width).eval()
    about = ModelCard(
        id="benchmark", title="Benchmark", method="benchmark", family="diffusion", plugin="", signature=generator.signature,
        params={}, dataset="", run="", step=0, parameters=0, created="", studio="", samplers=(),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as place:
        card = export(generator, about, Path(place) / "model")
        model = Model.open(Path(place) / "model", "cpu")
        controls = {"steps": asked.steps}
        pipeline = DDIMPipeline(generator.unet, generator.scheduler)
        pipeline.set_progress_bar_config(disable=True)
        variants: dict[str, Callable[[], Any]] = {
            "diffusers pipeline": lambda: pipeline(batch_size=1, num_inference_steps=asked.steps, output_type="np"),
            "torch eager": lambda: torch_sample(generator.samplers()["sample"], 1, 0, {}, controls),
            "onnx step loop": lambda: model.sample(controls=controls),
            "onnx whole graph": lambda: model.run_whole(controls=controls),
        }
        for call in variants.values():
            call()
        taken = {name: list[tuple[float, float]]() for name in variants}
        for _ in range(asked.rounds):
            for name, call in variants.items():
                taken[name].append(timed(call))
    report(sum(weight.numel() for weight in generator.parameters()), card, taken)


def report(weights: int, card: ModelCard, taken: Mapping[str, list[tuple[float, float]]]) -> None:
    """Medians, and the ratio to the first variant."""
    print(f"{weights:,} weights, largest difference from torch {max(card.parity.values()):.1e}")
    medians = {name: [statistics.median(column) for column in zip(*times, strict=True)] for name, times in taken.items()}
    first = next(iter(medians.values()))
    for name, (cpu, wall) in medians.items():
        print(
            f"{name:20} cpu {cpu:8.1f} ms  wall {wall:8.1f} ms  ratio {first[0] / cpu:5.2f} (cpu) {first[1] / wall:5.2f} (wall)"
        )


if __name__ == "__main__":
    main()
