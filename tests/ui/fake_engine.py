"""A test double of the engine: generated pictures, settable trouble, and a record of what was asked."""

import colorsys
import math
import random
import threading
import time
from typing import Any, Literal

import numpy as np

from studio.api.card import Method, Paper
from studio.api.dataset import DatasetCard, Problem
from studio.api.errors import StudioError
from studio.api.events import Checkpointed, Done, Entry, Exported, Message, Preview, Started, Step
from studio.api.model import ModelCard
from studio.api.node import NodeType
from studio.api.params import Parameter
from studio.api.sampler import Noise, Plan, Port, SamplerCard
from studio.api.space import Image, Points, Signature, Space, Tokens
from studio.engine.engine import (
    DatasetInfo,
    Estimate,
    ExecutionDone,
    Health,
    ImporterInfo,
    Listener,
    ModelInfo,
    NodeDone,
    NodeProgress,
    NodeStarted,
    PictureInfo,
    PluginInfo,
    RunInfo,
    Why,
)
from studio.engine.graph.document import Graph
from studio.engine.intake import Intake, Reference, Sight
from studio.engine.plane import Layer, Plane
from studio.engine.rendering import Rendering
from studio.engine.runs.request import Budget, TrainRequest

SIDE = 32


def pictures(seed: int, count: int = 16, clear: float = 1.0) -> Rendering:
    """Coloured faces that appear out of noise as `clear` goes to 1."""
    return Rendering(
        kind="pictures", count=count, height=SIDE, width=SIDE, pixels=b"".join(_face(seed * 100 + k, clear) for k in range(count))
    )


def _face(seed: int, clear: float) -> bytes:
    dice = random.Random(seed)
    colour = [255 * c for c in colorsys.hsv_to_rgb(dice.random(), 0.65, 0.95)]
    smile = dice.uniform(-1, 1)
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    dx, dy = (x - 15.5) / 14.5, (y - 15.5) / 14.5
    inside = dx * dx + dy * dy < 1
    eye = (abs(abs(dx) - 0.38) < 0.12) & (abs(dy + 0.25) < 0.18)
    mouth = (abs(dy - 0.4 - smile * 0.35 * (0.3 - dx * dx)) < 0.08) & (abs(dx) < 0.5)
    face = np.full((SIDE, SIDE, 4), 250.0)
    face[inside, :3] = colour
    face[inside & (eye | mouth), :3] = (40, 40, 50)
    noise = np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 4))
    mixed = clear * face + (1 - clear) * noise
    mixed[..., 3] = 255
    return mixed.astype(np.uint8).tobytes()


def cloud(seed: int, clear: float = 1.0) -> Rendering:
    """Eight Gaussians."""
    dice = random.Random(seed)
    spots = []
    for k in range(400):
        angle, spread = 2 * math.pi * (k % 8) / 8, 0.12 + (1 - clear)
        spots.append(
            (clear * 1.5 * math.cos(angle) + dice.gauss(0, spread), clear * 1.5 * math.sin(angle) + dice.gauss(0, spread))
        )
    return Rendering(kind="points", count=400, points=tuple(spots), bounds=(-2.2, -2.2, 2.2, 2.2))


def layer(kind: Any, name: str, values: Any) -> Layer:
    """A layer of these numbers."""
    made = np.asarray(values, "<f4")
    return Layer(kind=kind, name=name, shape=made.shape, values=made.tobytes())


_AXIS = np.linspace(-3, 3, 32)
_X, _Y = np.meshgrid(_AXIS, _AXIS)
_BUMP = np.exp(-((np.hypot(_X, _Y) - 1.5) ** 2) / 0.3)
_PLACES = np.stack([_X[::2, ::2].ravel(), _Y[::2, ::2].ravel()], axis=1)
_WAYS = np.random.default_rng(0).standard_normal((48, 1, 2)) * np.linspace(1.6, 0.9, 12)[None, :, None]
LAYERS = (
    layer("lines", "trajectories", _WAYS),
    layer("surface", "density", _BUMP),
    layer("surface", "energy", -4 * _BUMP),
    layer("arrows", "vector_field", np.concatenate([_PLACES, -_PLACES], axis=1)),
)


VERSE = (
    "ROMEO:\nBut soft, what light through yonder window breaks?\nIt is the east, and Juliet is the sun.\n"
    "Arise, fair sun, and kill the envious moon,\nWho is already sick and pale with grief\n"
)


def verse(seed: int, clear: float = 1.0) -> Rendering:
    """A text that is being written."""
    return Rendering(kind="texts", count=1, texts=((VERSE * 3)[seed % 7 :][: int(420 * clear)],))


STEPS = Parameter(name="steps", kind="integer", default=50, help="Denoising steps.", minimum=1, maximum=250, logarithmic=True)
GUIDANCE = Parameter(
    name="guidance_scale", kind="number", default=2.0, help="How strongly the class is followed.", minimum=0, maximum=10
)
TEMPERATURE = Parameter(name="temperature", kind="number", default=0.8, help="Higher is wilder.", minimum=0.1, maximum=2.0)
TOP_K = Parameter(name="top_k", kind="integer", default=40, help="Draw among the likeliest.", minimum=0, maximum=200)
TRUNCATION = Parameter(
    name="truncation", kind="number", default=1.0, help="Below 1: safer, more alike.", minimum=0.1, maximum=1.5
)

EMOJI = Image(height=SIDE, width=SIDE)


def model(
    name: str, family: Any, title: str, space: Space, *, steps: int | str, controls: tuple[Parameter, ...],
    inputs: tuple[Port, ...] = (), dataset: str = "emoji",
) -> ModelInfo:  # fmt: skip
    """A starter model."""
    kind: Any = {"image": "image", "points": "points", "tokens": "text"}[space.kind]
    sampler = SamplerCard(
        name="sample", plan=Plan(steps=steps, initial=Noise(shape=(8,))), inputs=inputs, controls=controls,
        output=Port(name="sample", kind=kind),
    )  # fmt: skip
    card = ModelCard(
        id=name, title=title, method=name, family=family, plugin=f"studio_{family}",
        signature=Signature(space=space, classes=("smileys", "animals", "food") if name == "ddpm" else ()),
        params={"width": 64, "learning_rate": 0.0003}, dataset=dataset, run=f"run-{name}", step=20000, parameters=803_000,
        created="2026-11-23", studio="1.0", samplers=(sampler,), parity={"sample": 2.1e-6}, numbers={"frechet_distance": 9.1},
    )  # fmt: skip
    return ModelInfo(reference=f"starter:{name}", card=card, starter=True, size=3_000_000)


LABEL = Port(name="label", kind="label", dtype="int64")
PROMPT = Port(name="prompt", kind="text")
LETTERS = Tokens(vocabulary=("a", "b"), length=256)
MODELS = [
    model("dcgan", "gan", "DCGAN", EMOJI, steps=1, controls=(TRUNCATION,)),
    model("ddpm", "diffusion", "DDPM", EMOJI, steps="steps", controls=(STEPS, GUIDANCE), inputs=(LABEL,)),
    model("vae", "vae", "VAE", EMOJI, steps=1, controls=(TEMPERATURE,)),
    model(
        "gpt", "transformer", "GPT", LETTERS, steps=400, controls=(TEMPERATURE, TOP_K), inputs=(PROMPT,), dataset="shakespeare"
    ),
]

PAPER = Paper(title="Ho, Jain and Abbeel, Denoising Diffusion Probabilistic Models, 2020", url="https://arxiv.org/abs/2006.11239")
FORM = (
    Parameter(
        name="width", kind="integer", default=64, help="Channels of the first layer.", minimum=8, maximum=512, logarithmic=True
    ),
    Parameter(
        name="learning_rate",
        kind="number",
        default=0.0003,
        help="Step size of AdamW.",
        minimum=1e-5,
        maximum=0.1,
        logarithmic=True,
    ),
    Parameter(name="schedule", kind="choice", default="cosine", help="How noise grows.", choices=("cosine", "linear")),
    Parameter(
        name="beta_end",
        kind="number",
        default=0.02,
        help="The last beta.",
        minimum=0.001,
        maximum=0.1,
        shown_when={"schedule": "linear"},
    ),
    Parameter(name="ema", kind="boolean", default=True, help="Sample from averaged weights."),
    Parameter(
        name="dropout", kind="number", default=0.0, help="Share of activations dropped.", minimum=0, maximum=0.9, basic=False
    ),
)


def method(id: str, family: Any, title: str, accepts: tuple[Any, ...]) -> Method:
    """A method's card."""
    return Method(
        id=id, family=family, title=title, accepts=accepts,
        summary=f"{title} learns to draw by a route of its own and shows every step on the way.",
        papers=(PAPER,),
        strengths=("covers every mode", "steady training"), weaknesses=("many steps to a sample",),
        presets={"quick": {"width": 32, "steps": 500}, "thorough": {"width": 128, "steps": 20000}},
        parameters=FORM, plugin=f"studio_{family}",
    )  # fmt: skip


METHODS = [
    method("dcgan", "gan", "DCGAN", ("image", "points")),
    method("ddpm", "diffusion", "DDPM", ("image", "points")),
    method("vae", "vae", "VAE", ("image", "points")),
    method("gpt", "transformer", "GPT", ("tokens",)),
]


def dataset(id: str, title: str, kind: Any) -> DatasetCard:
    """A dataset's card."""
    return DatasetCard(id=id, title=title, summary=f"{title}, ready to train on.", kind=kind, licence="CC0", loader="x:y")


DATASETS = [
    dataset("emoji", "Emoji-32", "image"), dataset("mnist", "MNIST-5k", "image"), dataset("moons", "Two moons", "points"),
    dataset("rings", "Rings", "points"), dataset("shakespeare", "Shakespeare", "tokens"),
]  # fmt: skip


IMPORTERS = [
    ImporterInfo(
        id="diffusers", family="diffusion", title="Stable Diffusion in the layout of diffusers", plugin="studio_diffusion",
        mark="model_index.json", packages=("diffusers", "transformers"), absent=("diffusers",),
    ),
    ImporterInfo(
        id="causal_lm", family="transformer", title="Language model (GPT-2, LLaMA and what is built like them)",
        plugin="studio_transformer", mark="config.json",
    ),
]  # fmt: skip
SIGHT = Sight(
    folder="/models/gpt2", source="/models/gpt2", title="gpt2", family="transformer", opened_by=IMPORTERS[1].title,
    architecture="GPT2LMHeadModel", weights={"F32": 124_439_808}, size=497_759_232, memory_to_import=6_300_000_000,
    memory_to_run=640_000_000, memory_free=22_000_000_000, disk_free=83_000_000_000, context=1024,
)  # fmt: skip


class FakeEngine:
    """Implements `Engine`; set `trouble` to make calls fail and `pace` (seconds a sample takes) to make them slow."""

    def __init__(self, pace: float = 0.0) -> None:
        self.pace = pace
        self.trouble: dict[str, Exception] = {}
        self.executed: list[Graph] = []
        self.stopped: list[str] = []
        self.asked: list[tuple[str, tuple[Any, ...]]] = []
        self.running: list[RunInfo] = []
        self.kept: dict[str, Any] = {}
        self.journal: dict[str, list[Entry]] = {}
        self.on_lost: Any = None
        self.on_back: Any = None
        self.sight = SIGHT
        self.coming: dict[str, Intake] = {}
        self.arrived: list[ModelInfo] = []
        self._stops: dict[str, threading.Event] = {}

    def _note(self, call: str, *args: Any) -> None:
        self.asked.append((call, args))
        if call in self.trouble:
            raise self.trouble[call]

    def health(self) -> Health:
        self._note("health")
        return Health(
            pid=1,
            provider="CPUExecutionProvider",
            providers=("CPUExecutionProvider",),
            device="2 cores",
            memory=412_000_000,
            home="/home/ada/studio",
        )

    def plugins(self) -> list[PluginInfo]:
        return [PluginInfo(name="studio_gan", version="1.0", module="studio_gan", healthy=True, methods=("dcgan",))]

    def methods(self) -> list[Method]:
        self._note("methods")
        return METHODS

    def nodes(self) -> list[NodeType]:
        return []

    def importers(self) -> list[ImporterInfo]:
        return IMPORTERS

    def look_at(self, reference: Reference) -> Intake:
        self._note("look_at", reference)
        intake = Intake(id=f"intake{len(self.asked)}", reference=reference, title=reference.name, what="reading what it is")
        self.coming[intake.id] = intake
        return intake

    def reach(self, **changes: Any) -> None:
        """Something happened to the newest intake: `state="seen"` shows `sight`, `state="done"` puts a model on the shelf."""
        id = list(self.coming)[-1]
        if changes.get("state") == "seen":
            changes |= {"sight": self.sight, "title": self.sight.title}
        if changes.get("state") == "done":
            changes |= {"model": "model:taken", "difference": 1.2e-6}
            card = MODELS[3].card.model_copy(
                update={"title": self.coming[id].title, "run": "", "dataset": self.sight.source, "parity": {"sample": 1.2e-6}}
            )
            self.arrived.append(ModelInfo(reference="model:taken", card=card, starter=False, size=self.sight.size))
        self.coming[id] = self.coming[id].model_copy(update=changes)

    def intakes(self) -> list[Intake]:
        return list(self.coming.values())

    def reconsider(self, intake: str, context: int) -> Sight:
        self._note("reconsider", intake, context)
        sight = self.sight.model_copy(update={"context": context, "memory_to_run": 100_000_000 + 500_000 * context})
        self.coming[intake] = self.coming[intake].model_copy(update={"sight": sight})
        return sight

    def take_in(self, intake: str, title: str) -> None:
        self._note("take_in", intake, title)
        self.coming[intake] = self.coming[intake].model_copy(update={"state": "taking", "title": title, "what": "beginning"})

    def drop(self, intake: str) -> None:
        self._note("drop", intake)
        self.coming.pop(intake, None)

    def datasets(self) -> list[DatasetCard]:
        self._note("datasets")
        return DATASETS

    def inspect_dataset(self, dataset: str) -> DatasetInfo:
        self._note("inspect_dataset", dataset)
        card = next((card for card in DATASETS if card.id == dataset.partition("@")[0]), None)
        if card is None:
            raise StudioError(f"There is nothing to train on in {dataset}.")
        card = card.model_copy(update={"id": dataset})
        shown = {"image": pictures(3, 24), "points": cloud(1), "tokens": verse(0)}[card.kind]
        space: Space = {"image": EMOJI, "points": Points(), "tokens": Tokens(vocabulary=("a",), length=64)}[card.kind]
        problems = (Problem(file="broken.png", reason="it is cut off"),) if dataset == "emoji" else ()
        return DatasetInfo(
            card=card, signature=Signature(space=space), count=3655, validation=400, thumbnails=shown, problems=problems
        )

    def models(self) -> list[ModelInfo]:
        self._note("models")
        return [*MODELS, *self.arrived]

    def pictures(self) -> list[PictureInfo]:
        return []

    def runs(self) -> list[RunInfo]:
        self._note("runs")
        return list(self.running)

    def events(self, run: str, after: int = -1) -> list[Entry]:
        self._note("events", run, after)
        return [entry for entry in self.journal.get(run, []) if entry.seq > after]

    def preview(self, run: str, file: str) -> Rendering:
        step = int("".join(c for c in file if c.isdigit()))
        return pictures(1, 16, min(1.0, step / 900))

    def plane(self, run: str, file: str) -> Plane:
        self._note("plane", run, file)
        request = next(one.request for one in self.running if one.id == run)
        if request.dataset not in ("moons", "rings"):
            return Plane(samples=self.preview(run, file))
        clear = min(1.0, int("".join(c for c in file if c.isdigit())) / 900)
        return Plane(samples=cloud(1, clear), layers=LAYERS)

    def estimate(self, request: TrainRequest) -> Estimate:
        self._note("estimate", request)
        return Estimate(parameters=803_000, memory=412_000_000, seconds=95.0, basis="measured here on a similar run")

    def train(self, request: TrainRequest) -> RunInfo:
        self._note("train", request)
        run = RunInfo(
            id=f"run{len(self.running)}",
            title=f"{request.method} on {request.dataset}",
            request=request,
            state="running",
            created=time.time(),
        )
        self.running.append(run)
        return run

    def advance(self, run: str, state: Literal["running", "done"] = "running", step: int = 410, total: int = 1000) -> None:
        """Write a believable journal for a run."""
        made: list[Any] = [Started(total=total, device="cpu", parameters=803_000)]
        for k in range(0, step, 5):
            made.append(
                Step(
                    stage="train",
                    step=k,
                    total=total,
                    seconds=k * 0.1,
                    values={"loss": math.exp(-k / 150) + 0.1 + 0.05 * random.random()},
                )
            )
            if k % 100 == 0:
                made.append(Preview(step=k, name="fixed noise", file=f"step-{k:06d}.npz"))
        made.append(Checkpointed(step=step, file="step.safetensors", sha256="0"))
        made.append(Message(level="warning", text="Two files were skipped: broken.png, huge.png."))
        if state == "done":
            made += [Exported(folder="model", parity={"sample": 2e-6}, seconds=3.0), Done(step=step, seconds=40.0)]
        self.journal[run] = [Entry(seq=k, time=k * 0.1, event=event) for k, event in enumerate(made)]
        change = {
            "state": state,
            "step": step,
            "total": total,
            "seconds": step * 0.1,
            "latest": {"loss": 0.2},
            "model": f"run:{run}" if state == "done" else None,
        }
        self.running = [r.model_copy(update=change) if r.id == run else r for r in self.running]

    def pause(self, run: str) -> None:
        self._note("pause", run)

    def resume(self, run: str) -> None:
        self._note("resume", run)

    def cancel(self, run: str) -> None:
        self._note("cancel", run)

    def delete(self, run: str) -> None: ...
    def restore(self, run: str) -> None: ...

    def execute(self, graph: Graph, targets: list[str], listener: Listener) -> str:
        self._note("execute", graph)
        self.executed.append(graph)
        id = f"execution{len(self.executed)}"
        stop = self._stops[id] = threading.Event()
        threading.Thread(target=self._play, args=(graph, listener, stop), daemon=True).start()
        return id

    def _play(self, graph: Graph, listener: Listener, stop: threading.Event) -> None:
        for node in [node for node in graph.nodes if node.type == "sample"]:
            self._sample(graph, node.id, listener, stop)
        listener(ExecutionDone(seconds=self.pace, stopped=stop.is_set()))

    def _sample(self, graph: Graph, node: str, listener: Listener, stop: threading.Event) -> None:
        seed = next(int(str(n.values["seed"])) for n in graph.nodes if n.type == "noise")
        reference = next(str(n.values["model"]) for n in graph.nodes if n.type == "model")
        draw = {"starter:gpt": verse}.get(reference, lambda seed, clear: pictures(seed, 16, clear))
        listener(NodeStarted(node=node))
        for k in range(4):
            if stop.wait(self.pace / 4):
                return
            listener(NodeProgress(node=node, step=k, total=4, rendering=draw(seed, k / 4)))
        listener(NodeDone(node=node, seconds=0.041, cached=False, rendering=draw(seed, 1.0), provider="CPUExecutionProvider"))

    def stop(self, execution: str) -> None:
        self.stopped.append(execution)
        self._stops[execution].set()

    def why(self, graph: Graph, node: str) -> Why:
        return Why(node=node, cached=False)

    def settings(self) -> dict[str, Any]:
        return dict(self.kept)

    def configure(self, settings: dict[str, Any]) -> None:
        self._note("configure", settings)
        self.kept.update(settings)

    def close(self) -> None: ...


REQUEST = TrainRequest(method="ddpm", dataset="emoji", budget=Budget(steps=1000), title="ddpm on emoji")
