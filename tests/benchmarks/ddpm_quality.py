"""DDPM beside one built from diffusers' UNet2DModel and DDPMScheduler: MNIST-5k, equal parameters, steps, batches and sampler.

    python -m tests.benchmarks.ddpm_quality [--steps 1000] [--samples 500]

Prints seconds per step and the Fréchet distance "FD-mnist-v1" of each (not FID: the features are our own seeded network's).
Both learn the noise with the linear schedule and are sampled with 50 DDIM steps of diffusers' own scheduler from the same noise.
"""

import argparse
import time

import diffusers
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.engine.datasets.reference import open_dataset
from studio.engine.metrics.features import embed
from studio.engine.metrics.frechet import frechet_distance
from studio.engine.plugins.discover import discover
from studio.kit.ema import EMA
from studio.kit.networks.unet import UNet
from studio.kit.source import Source

TIMESTEPS, BATCH = 1000, 32


class Diffusers(nn.Module):
    """diffusers' U-Net under our calling convention."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        super().__init__()
        self.network = diffusers.UNet2DModel(
            sample_size=28, in_channels=1, out_channels=1, layers_per_block=1, block_out_channels=channels, norm_num_groups=8,
            down_block_types=("DownBlock2D",) * (len(channels) - 1) + ("AttnDownBlock2D",),
            up_block_types=("AttnUpBlock2D",) + ("UpBlock2D",) * (len(channels) - 1),
        )  # fmt: skip

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        return self.network(x, time).sample


def count(network: nn.Module) -> int:
    """Trainable weights."""
    return sum(weight.numel() for weight in network.parameters())


def train(network: nn.Module, source: Source, scheduler: diffusers.DDPMScheduler, steps: int) -> tuple[EMA, float]:
    """The averaged network, and seconds per step."""
    torch.manual_seed(0)
    average, batches = EMA(network, 0.99), source.batches()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.0)
    begun = time.process_time()
    for step in range(steps):
        x = batches(step).x
        noise, t = torch.randn_like(x), torch.randint(TIMESTEPS, (len(x),))
        loss = F.mse_loss(network(scheduler.add_noise(x, noise, t), t.float()), noise)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        average.update(network)
    return average, (time.process_time() - begun) / steps


@torch.no_grad()
def sample(network: nn.Module, n: int) -> np.ndarray:
    """`n` samples by 50 DDIM steps."""
    scheduler = diffusers.DDIMScheduler(num_train_timesteps=TIMESTEPS, clip_sample=True, timestep_spacing="trailing")
    scheduler.set_timesteps(50)
    parts = []
    for first in range(0, n, 50):
        x = torch.randn(50, 1, 28, 28, generator=torch.Generator().manual_seed(first))
        for t in scheduler.timesteps:
            x = scheduler.step(network(x, t.float().expand(50)), int(t), x, use_clipped_model_output=True).prev_sample
        parts.append(x.clamp(-1, 1).numpy())
    return np.concatenate(parts)


def main() -> None:
    """Train both, one after the other, and print a line for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--samples", type=int, default=500)
    options = parser.parse_args()
    torch.set_num_threads(1)
    dataset = open_dataset("mnist", discover().datasets)
    scheduler = diffusers.DDPMScheduler(num_train_timesteps=TIMESTEPS)
    real = embed(dataset.train[:2000])
    torch.manual_seed(0)
    rivals = {"studio": UNet(1, (16, 32, 48), 1).eval(), "diffusers": Diffusers((16, 32, 48)).eval()}
    for name, network in rivals.items():
        source = Source(dataset, BATCH, 0, torch.device("cpu"))
        average, seconds = train(network.train(), source, scheduler, options.steps)
        distance = frechet_distance(embed(sample(average.eval(), options.samples)), real)
        print(f"{name:10s} {count(network):9,d} weights  {seconds:.3f} CPU s/step  FD-mnist-v1 {distance:.2f}", flush=True)


if __name__ == "__main__":
    main()
