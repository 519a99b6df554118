"""What is known of TensoRF before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class TensoRFParams(Params):
    """The defaults suit pictures of 64x64 and a processor."""

    resolution: int = param(96, "Cells of the finest grid along each axis.", ge=8, le=512, logarithmic=True)
    coarse: int = param(32, "Cells of the first grid, from which it is refined.", ge=8, le=256, logarithmic=True, basic=False)
    density_components: int = param(8, "Products of a plane and a line that add up to density, for each axis.", ge=1, le=64)
    appearance_components: int = param(16, "The same for the features behind the colours.", ge=1, le=96)
    width: int = param(64, "Units of the two layers that turn features into colours.", ge=8, le=512, logarithmic=True)
    samples: int = param(128, "Steps along the diagonal of the scene.", ge=16, le=2048, logarithmic=True)
    cells: int = param(48, "Cells of the grid that tells empty space, along each axis.", ge=4, le=256, basic=False)
    grid_rate: float = param(2e-2, "First learning rate of the grids.", ge=1e-5, le=1.0, logarithmic=True)
    learning_rate: float = param(1e-3, "First learning rate of the network.", ge=1e-6, le=1e-1, logarithmic=True)
    final_rate: float = param(0.1, "Learning rates at the end, as a share of the first.", ge=0.001, le=1.0, basic=False)
    sparsity: float = param(8e-5, "Weight of the mean size of the density's factors.", ge=0.0, le=1e-1, basic=False)


TENSORF = GeneratorCard(
    id="tensorf",
    family="nerf",
    title="TensoRF",
    summary="Learns a scene from posed pictures as sums of planes times lines; small and quick to train.",
    papers=(Paper(title="Chen et al., TensoRF: Tensorial Radiance Fields, 2022", url="https://arxiv.org/abs/2203.09517"),),
    accepts=("views",),
    strengths=("Sharp after minutes, also on a processor.", "Compact: planes instead of a full grid."),
    weaknesses=("One scene a model.", "Only within a box.", "Needs exact cameras."),
    presets={
        "toy": {"resolution": 48, "coarse": 24, "samples": 64, "steps": 500, "batch_size": 512},
        "scene": {"steps": 4000, "batch_size": 1024},
        "GPU": {
            "resolution": 300,
            "coarse": 128,
            "density_components": 16,
            "appearance_components": 48,
            "width": 128,
            "samples": 512,
            "cells": 128,
            "steps": 30000,
            "batch_size": 4096,
        },
    },
    params=TensoRFParams,
    implementation="studio_nerf.tensorf:TensoRF",
)
