"""What is known of hash grids before their code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class HashGridParams(Params):
    """The defaults suit pictures of 64x64 and a processor."""

    levels: int = param(8, "Resolutions, each with a table of its own.", ge=1, le=24)
    table_size: int = param(14, "Rows of each table, as a power of two.", ge=8, le=22)
    features: int = param(2, "Numbers in each row.", ge=1, le=8, basic=False)
    coarsest: int = param(8, "Cells of the first level along each axis.", ge=2, le=64, logarithmic=True)
    finest: int = param(128, "Cells of the last level along each axis.", ge=4, le=4096, logarithmic=True)
    width: int = param(64, "Units of the layers of the two networks.", ge=8, le=512, logarithmic=True)
    samples: int = param(128, "Steps along the diagonal of the scene.", ge=16, le=2048, logarithmic=True)
    cells: int = param(48, "Cells of the grid that tells empty space, along each axis.", ge=4, le=256, basic=False)
    learning_rate: float = param(3e-2, "First learning rate of the tables.", ge=1e-5, le=1.0, logarithmic=True)
    network_rate: float = param(1e-2, "First learning rate of the networks.", ge=1e-6, le=1e-1, logarithmic=True, basic=False)
    final_rate: float = param(0.05, "Learning rates at the end, as a share of the first.", ge=0.001, le=1.0, basic=False)


HASH_GRID = GeneratorCard(
    id="hash_grid",
    family="nerf",
    title="Hash grid",
    summary="Learns a scene from posed pictures with hashed features at many resolutions (instant-ngp's encoding).",
    papers=(
        Paper(
            title="Müller et al., Instant Neural Graphics Primitives with a Multiresolution Hash Encoding, 2022",
            url="https://arxiv.org/abs/2201.05989",
        ),
    ),
    accepts=("views",),
    strengths=("Very quick on graphics cards.", "Detail where there is some: the tables are shared by all places."),
    weaknesses=("Collisions show as grain in empty space.", "Gathers are slow on a processor.", "One scene a model."),
    presets={
        "toy": {"levels": 6, "table_size": 12, "finest": 64, "samples": 64, "steps": 500, "batch_size": 512},
        "scene": {"steps": 4000, "batch_size": 1024},
        "GPU": {
            "levels": 16,
            "table_size": 19,
            "coarsest": 16,
            "finest": 2048,
            "samples": 1024,
            "cells": 128,
            "steps": 30000,
            "batch_size": 8192,
        },
    },
    params=HashGridParams,
    implementation="studio_nerf.hash_grid:HashGrid",
)
