"""What is known of NeRF before its code is imported."""

from studio.api import GeneratorCard, Paper, Params, param


class NeRFParams(Params):
    """The defaults suit pictures of 64x64 and a processor; the preset "GPU" has the paper's sizes."""

    width: int = param(96, "Units of a layer.", ge=8, le=1024, logarithmic=True)
    layers: int = param(4, "Layers before the density.", ge=1, le=12)
    frequencies: int = param(7, "Octaves of the encoding of places.", ge=0, le=16)
    samples: int = param(48, "Coarse steps along the diagonal of the scene.", ge=8, le=1024, logarithmic=True)
    fine_samples: int = param(24, "More where the coarse look found something.", ge=4, le=1024, logarithmic=True)
    coarse_width: int = param(32, "Units of a layer of the coarse network.", ge=8, le=1024, logarithmic=True, basic=False)
    coarse_layers: int = param(2, "Layers of the coarse network.", ge=1, le=12, basic=False)
    cells: int = param(32, "Cells of the grid that tells empty space, along each axis.", ge=4, le=256, basic=False)
    learning_rate: float = param(1e-3, "First learning rate.", ge=1e-6, le=1e-1, logarithmic=True)
    final_rate: float = param(0.05, "Learning rate at the end, as a share of the first.", ge=0.001, le=1.0, basic=False)


NERF = GeneratorCard(
    id="nerf",
    family="nerf",
    title="NeRF",
    summary="Learns a scene from posed pictures in the weights of a perceptron, and shows it from anywhere.",
    papers=(
        Paper(
            title="Mildenhall et al., NeRF: Representing Scenes as Neural Radiance Fields for View Synthesis, 2020",
            url="https://arxiv.org/abs/2003.08934",
        ),
    ),
    accepts=("views",),
    strengths=("A whole scene in a few hundred kilobytes.", "Smooth between the pictures."),
    weaknesses=("Slow: a network for every place on every ray.", "One scene a model.", "Needs exact cameras."),
    presets={
        "toy": {"width": 48, "layers": 2, "samples": 32, "fine_samples": 16, "steps": 500, "batch_size": 512},
        "scene": {"steps": 16000, "batch_size": 256},
        "GPU": {
            "width": 256,
            "layers": 8,
            "frequencies": 10,
            "samples": 64,
            "fine_samples": 128,
            "coarse_width": 256,
            "coarse_layers": 8,
            "cells": 128,
            "learning_rate": 5e-4,
            "final_rate": 0.1,
            "steps": 100000,
            "batch_size": 4096,
        },
    },
    params=NeRFParams,
    implementation="studio_nerf.nerf:NeRF",
)
