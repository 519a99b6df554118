"""Stable Diffusion pipelines taken in by `studio import`: their graphs in onnxruntime against diffusers itself."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch

from studio.api import Noise, NoiseStream
from studio.cli.commands import main
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.models.model import Model
from tests.engine.nodes.conftest import Studio
from tests.plugins.optimum import export_as_optimum
from tests.plugins.pretrained import tiny_stable_diffusion, tiny_stable_diffusion_xl

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]
PROMPT, NEGATIVE = "A cat, and a dog", "a dog"
SAID = {"prompt": PROMPT, "negative_prompt": NEGATIVE}
CONTROLS = {"steps": 6, "guidance_scale": 7.5}
CLOSE = 1e-3


@dataclass(frozen=True)
class Taken:
    """A pipeline of diffusers, and the model that it became."""

    pipeline: Any
    model: Model
    home: Path
    reference: str

    def noise(self, n: int) -> torch.Tensor:
        shape = Noise(shape=self.model.sampler_card("sample").plan.initial.shape)
        return torch.from_numpy(NoiseStream(3, n).draw(shape))

    def pictures(self, n: int = 2, scheduler: Any = diffusers.DDIMScheduler) -> np.ndarray:
        """What diffusers makes of the noise of seed 3 in [-1, 1]."""
        self.pipeline.scheduler = scheduler.from_config(self.pipeline.scheduler.config, timestep_spacing="leading")
        asked = {name: [text] * n for name, text in SAID.items()}
        made = self.pipeline(**asked, num_inference_steps=6, guidance_scale=7.5, latents=self.noise(n), output_type="pt")
        return 2 * made.images.numpy() - 1


def tiny_optimum(folder: Path) -> Any:
    """Of the kind that Optimum made of old, with a file of weights beside its denoiser."""
    pipeline = tiny_stable_diffusion(folder / "source")
    export_as_optimum(pipeline, folder, drawn=True, outside=True)
    for weights in folder.glob("source/*/*.safetensors"):
        weights.unlink()
    return pipeline


KINDS = {"1.x": tiny_stable_diffusion, "XL": tiny_stable_diffusion_xl, "Optimum": tiny_optimum}


@pytest.fixture(scope="module", params=KINDS)
def taken(request, tmp_path_factory):
    folder, home = tmp_path_factory.mktemp("pipeline") / "tiny", tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_HOME", str(home))
        pipeline = KINDS[request.param](folder)
        answer = folder.with_suffix(".txt")
        assert _run(["import", str(folder), "--json"], answer) == 0
        reference = json.loads(answer.read_text())["model"]
    model = Model.open(home / "models" / reference.removeprefix("model:"), "cpu")
    yield Taken(pipeline, model, home, reference)
    model.close()


def _run(arguments: list[str], said: Path) -> int:
    """A command of the studio with what it prints in a file; `capsys` is for single tests only."""
    with pytest.MonkeyPatch.context() as patch, said.open("w") as file:
        patch.setattr("sys.stdout", file)
        return main(arguments)


@pytest.mark.parametrize("way", ["sample", "run_whole"])
@pytest.mark.parametrize(
    ("solver", "scheduler"), [("ddim", diffusers.DDIMScheduler), ("dpmpp_2m", diffusers.DPMSolverMultistepScheduler)]
)
def test_that_pictures_are_those_of_diffusers(taken, way, solver, scheduler):
    expected = taken.pictures(scheduler=scheduler)
    assert expected.std() > 0.1
    made = getattr(taken.model, way)("sample", 2, seed=3, inputs=SAID, controls={**CONTROLS, "solver": solver})
    assert abs(made - expected).max() < CLOSE


def test_that_encoder_denoiser_and_decoder_in_a_row_make_them_too(taken, tmp_path):
    studio = Studio(tmp_path)
    object.__setattr__(studio.workshop, "opener", lambda reference, provider: taken.model)
    nodes = {
        "m": ("model", {"model": taken.reference}), "p": ("prompt", {"text": PROMPT}), "q": ("prompt", {"text": NEGATIVE}),
        "e": ("encode_text", {}), "f": ("encode_text", {}), "d": ("denoise", {"controls": CONTROLS, "seed": 3, "count": 2}),
        "v": ("decode", {}),
    }  # fmt: skip
    links = [
        ("m", "model", "e", "model"), ("m", "model", "f", "model"), ("m", "model", "d", "model"), ("m", "model", "v", "model"),
        ("p", "text", "e", "text"), ("q", "text", "f", "text"), ("e", "conditioning", "d", "conditioning"),
        ("f", "conditioning", "d", "against"), ("d", "latent", "v", "latent"),
    ]  # fmt: skip
    graph = Graph(
        nodes=tuple(GraphNode(id=id, type=kind, values=values) for id, (kind, values) in nodes.items()),
        links=tuple(Link(source=a, output=b, target=c, input=d) for a, b, c, d in links),
    )
    assert abs(studio.values(graph)["v"].array - taken.pictures()).max() < CLOSE


def test_that_the_command_line_makes_them_too(taken, tmp_path, monkeypatch):
    monkeypatch.setenv("STUDIO_HOME", str(taken.home))
    file = tmp_path / "cat.npz"
    said = ["--prompt", PROMPT, "--negative-prompt", NEGATIVE, "-n", "1", "--seed", "3", "-o", str(file), "--provider", "cpu"]
    assert main(["sample", taken.reference, *said, "--set", "steps=6", "guidance_scale=7.5"]) == 0
    assert abs(np.load(file)["samples"] - taken.pictures(1)).max() < CLOSE


def test_that_a_picture_is_varied_as_diffusers_varies_it(taken, monkeypatch):
    large = taken.model.card.params["architecture"] == "StableDiffusionXLPipeline"
    kind = diffusers.StableDiffusionXLImg2ImgPipeline if large else diffusers.StableDiffusionImg2ImgPipeline
    taken.pipeline.scheduler = diffusers.DDIMScheduler.from_config(taken.pipeline.scheduler.config)
    pipeline = kind(**taken.pipeline.components, **({"add_watermarker": False} if large else {"requires_safety_checker": False}))
    pipeline.set_progress_bar_config(disable=True)
    picture = torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    latents = torch.from_numpy(taken.model.sample("encode", 1, inputs={"sample": picture.numpy()}))
    with torch.no_grad():
        theirs = pipeline.vae.encode(picture).latent_dist.mean * pipeline.vae.config.scaling_factor
    assert (latents - theirs).abs().max() < CLOSE
    monkeypatch.setattr(f"{kind.__module__}.randn_tensor", lambda *_, **__: taken.noise(1))
    asked = {"image": latents, "strength": 0.6, "num_inference_steps": 10, "guidance_scale": 7.5, "output_type": "pt"}
    expected = 2 * pipeline(**SAID, **asked).images.numpy() - 1
    controls = {**CONTROLS, "strength": 0.6}
    made = taken.model.sample("image_to_image", 1, seed=3, inputs={**SAID, "sample": picture.numpy()}, controls=controls)
    assert abs(made - expected).max() < CLOSE


def test_that_what_the_mask_leaves_stays_as_it_is(taken):
    picture = np.random.default_rng(0).uniform(-1, 1, (1, 3, 16, 16)).astype(np.float32)
    mask = np.zeros((1, 1, 16, 16), np.float32)
    mask[..., :8] = 1
    made = taken.model.sample("inpaint", 1, inputs={**SAID, "sample": picture, "mask": mask}, controls={"steps": 4})
    assert np.array_equal(made[..., 8:], picture[..., 8:])
    assert abs(made[..., :8] - picture[..., :8]).max() > 0.1


def test_that_no_graph_differs_from_torch(taken):
    assert len(taken.model.card.parity) == 28
    assert max(taken.model.card.parity.values()) < 1e-5
