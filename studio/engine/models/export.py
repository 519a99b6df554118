"""From a trained generator to a folder of ONNX graphs that need no plugin: traced once, cut apart, checked against torch."""

import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Generator as Yields
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from onnx import GraphProto, helper
from torch import Tensor, nn
from torch.export import Dim

from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.api.noise import NoiseStream
from studio.api.sampler import Noise, Port, SamplerCard
from studio.api.space import Signature, Tokens
from studio.engine.models.assembling import assemble
from studio.engine.models.bundle import Bundle
from studio.engine.models.cutting import cut, same
from studio.engine.models.inlining import inline, read_graph
from studio.engine.models.measuring import Measured, Told, untold
from studio.engine.models.names import (
    INDEX,
    NOISE,
    RESERVED,
    SAMPLES,
    SCORE,
    STEP_NOISE,
    carried,
    following,
    part_graph,
    score_graph,
    whole_graph,
)
from studio.kit.called_network import DOMAIN, NAME, CalledNetwork, TracedOnce
from studio.kit.foreign_graph import ForeignGraph
from studio.kit.generator import Generator, Score
from studio.kit.sampler import Carry, Sampler, count_steps, given_tensors
from studio.kit.stepped_score import SteppedScore

OPSET = 18
"""From 21 on the CPU provider decomposes GroupNormalization, which makes a U-Net slower."""
TRACED = ((2, 3), (3, 2))
CHECKED = ((1, 2), (5, 4))
"""(samples, symbols of a text): what is traced (axes that differ between the two are dynamic), and what is checked."""
STEPS = 3
LONGEST = 2**20
MOST = 2**16

Tensors = dict[str, Tensor]
Call = Callable[[Tensors], Tensors]


@dataclass(frozen=True)
class Seen:
    """What went into a graph and what came out, in torch."""

    graph: str
    inputs: Tensors
    outputs: Tensors

    def measured(self) -> Measured:
        """As arrays."""
        arrays = [{name: np.asarray(tensor) for name, tensor in tensors.items()} for tensors in (self.inputs, self.outputs)]
        return Measured(self.graph, *arrays)


@dataclass(frozen=True)
class Part:
    """A graph to be: a pure function of named tensors, seen at two sizes."""

    call: Call
    example: Seen
    other: Seen
    longest: Mapping[str, int]

    def dynamic(self) -> list[dict[int, Any]]:
        """Of each input the axes that vary. The batch is the part's own: else a part would read it off another part's input."""
        pairs = zip(self.example.inputs.items(), self.other.inputs.values(), strict=True)
        return [
            {k: self._dim(name, k) for k, (a, b) in enumerate(zip(x.shape, y.shape, strict=True)) if a != b}
            for (name, x), y in pairs
        ]

    def _dim(self, name: str, axis: int) -> Any:
        part, name_ = (re.sub(r"\W", "_", text) for text in (self.example.graph, name))
        return (
            Dim(f"{part}_batch", min=1, max=MOST)
            if axis == 0
            else Dim(f"{part}_{name_}_{axis}", min=1, max=self.longest.get(name, LONGEST))
        )


def export(generator: Generator, about: ModelCard, folder: Path, *, progress: Told = untold, large: bool = False) -> ModelCard:
    """Write a generator's samplers and scores into `folder`, replacing what is there when all is done and checked.

    Args:
        about: the card without samplers, scores, parity and speed, which are filled in.
        progress: called as (done, total, graph); may raise Stopped, and then nothing is left behind.
        large: whether it is so large that one sample must do for checking and for measuring its speed, one graph at a time.

    Returns:
        The card as it was written.

    Raises:
        StudioError: a part cannot be written as ONNX, or differs from torch by more than 1e-4; it is named.
    """
    with _at_rest(generator), Bundle(folder) as bundle:
        signature = generator.signature
        runs = {
            name: [SamplerRun(name, sampler, signature, *size) for size in TRACED]
            for name, sampler in generator.samplers().items()
        }
        scores = generator.scores()
        walks = {
            name: [SamplerRun(score_graph(name), score.walk, signature, *size) for size in TRACED]
            for name, score in scores.items()
            if isinstance(score, SteppedScore)
        }
        scored = {name: [_score(name, scores[name], signature, *size) for size in TRACED] for name in scores if name not in walks}
        parts = [part for pair in (*runs.values(), *walks.values()) for part in _parts(*pair)]
        parts += [_score_part(scores[name], signature, *pair) for name, pair in scored.items()]
        progress(0, len(parts), "tracing")
        graphs = _graphs(bundle, generator, parts)
        cards = [_write_sampler(bundle, graphs, *pair) for pair in runs.values()]
        for name in scored:
            bundle.add(score_graph(name), graphs[score_graph(name)])
        for name, pair in walks.items():
            bundle.add(score_graph(name), _assemble_score(graphs, *pair))
        card = about.model_copy(
            update={"samplers": tuple(cards), "scores": tuple(score.card(name) for name, score in scores.items())}
        )
        return bundle.finish(card, _checks(generator, CHECKED[:1] if large else CHECKED), progress, large)


def _graphs(bundle: Bundle, generator: Generator, parts: Sequence[Part]) -> dict[str, GraphProto]:
    """Every part's graph; what was traced, with a copy of all weights, is let go."""
    traced = trace(generator, parts)
    called = {module.name: module for module in generator.modules() if isinstance(module, CalledNetwork)}
    inline(traced, DOMAIN, NAME, lambda name: _called(called[name]), bundle.share)
    bundle.share(traced)
    return {part.example.graph: _cut(traced, part) for part in parts}


def _called(network: CalledNetwork) -> GraphProto:
    """The graph of a network by itself."""
    if isinstance(network, ForeignGraph):
        return read_graph(network.path)
    assert isinstance(network, TracedOnce)
    try:
        with _quiet():
            return network.trace(OPSET)
    except torch.onnx.OnnxExporterError as error:
        raise StudioError(_words(error, [network.name])) from error


def _checks(generator: Generator, sizes: Sequence[tuple[int, int]]) -> Iterator[Measured]:
    for size in sizes:
        for name, sampler in generator.samplers().items():
            yield from (seen.measured() for seen in SamplerRun(name, sampler, generator.signature, *size).seen)
        yield from (_score(name, score, generator.signature, *size).measured() for name, score in generator.scores().items())


class SamplerRun:
    """A sampler run in torch, with everything that went into each part and came out; of many steps the first and the last.

    Args:
        n: samples.
        length: symbols of a text, where it goes in.
    """

    def __init__(self, name: str, sampler: Sampler, signature: Signature, n: int, length: int) -> None:
        self.name = name
        self.sampler = sampler
        self.signature = signature
        card = sampler.card(name)
        _check_names(card)
        controls = _few_steps(card)
        inputs = example_inputs(sampler.inputs, signature, n, length)
        self.given = dict(given_tensors(sampler, inputs, controls, torch.device("cpu")))
        self.steps = count_steps(sampler.plan, {parameter.name: parameter.default for parameter in card.controls} | controls)
        self.noise = NoiseStream(1, n)
        self.n = n
        self.seen = list[Seen]()
        with torch.no_grad():
            self._run()

    def calls(self) -> dict[str, Call]:
        """The parts as functions of named tensors."""
        sampler = self.sampler
        calls: dict[str, Call] = {
            "init": lambda t: _leaving(sampler.init(_noise(t), self._given(t))),
            "step": lambda t: _leaving(sampler.step(_entering(t), t[INDEX], _noise(t), self._given(t))),
            "finish": lambda t: {SAMPLES: sampler.finish(_entering(t))},
        }
        return calls if type(sampler).peek is Sampler.peek else calls | {"peek": lambda t: {SAMPLES: sampler.peek(_entering(t))}}

    def _run(self) -> None:
        plan = self.sampler.plan
        noise = self._draw(plan.initial)
        carry, drawn = (
            self._see("init", ({NOISE: noise} if plan.initial or not self.sampler.inputs else {}) | self.given),
            list[Tensor](),
        )
        for i in range(self.steps):
            drawn.append(self._draw(plan.each))
            fresh = {NOISE: drawn[-1]} if plan.each else {}
            entering = {INDEX: torch.tensor(i), **fresh, **self.given, **_renamed(carry)}
            noted = i < STEPS or i + 1 == self.steps
            carry = self._see("step", entering) if noted else self.calls()["step"](entering)
        last = _renamed(carry)
        shown = {part: self._see(part, last) for part in self.calls() if part in ("finish", "peek")}
        whole = {NOISE: noise, STEP_NOISE: torch.stack(drawn), **self.given}
        self.seen.append(Seen(whole_graph(self.name), whole, shown["finish"]))

    def _see(self, part: str, inputs: Tensors) -> Tensors:
        separate = {name: tensor.clone() for name, tensor in inputs.items()}
        outputs = self.calls()[part](separate)
        self.seen.append(Seen(part_graph(self.name, part), separate, {name: tensor.clone() for name, tensor in outputs.items()}))
        return outputs

    def _given(self, tensors: Tensors) -> Tensors:
        return {name: tensors[name] for name in self.given}

    def _draw(self, noise: Noise | None) -> Tensor:
        return torch.from_numpy(self.noise.draw(noise)) if noise else torch.empty(self.n, 0)


def _noise(tensors: Tensors) -> Tensor:
    """The noise, (n, 0) where none is drawn; then it is no input, so that nothing can depend on it."""
    if NOISE in tensors:
        return tensors[NOISE]
    batched = next(tensor for tensor in tensors.values() if tensor.dim())
    return torch.empty((batched.shape[0], 0), device=batched.device)


def _leaving(carry: Carry) -> Tensors:
    return {following(name): tensor for name, tensor in carry.items()}


def _entering(tensors: Tensors) -> Carry:
    return {name.removeprefix("carry."): tensor for name, tensor in tensors.items() if name.startswith("carry.")}


def _renamed(left: Tensors) -> Tensors:
    return {carried(name.removeprefix("next.")): tensor for name, tensor in left.items()}


def _few_steps(card: SamplerCard) -> dict[str, Any]:
    """Enough steps to see a loop, where a control says how many."""
    control = next((parameter for parameter in card.controls if parameter.name == card.plan.steps), None)
    if control is None:
        return {}
    least, most = control.minimum or 1, control.maximum or STEPS
    return {control.name: int(min(max(least, STEPS), most))}


def _check_names(card: SamplerCard) -> None:
    names = [port.name for port in card.inputs] + [parameter.name for parameter in card.controls]
    wrong = [name for name in names if name in RESERVED or "." in name or "/" in name or names.count(name) > 1]
    if wrong:
        raise StudioError(f"The sampler '{card.name}' has an input or control called '{wrong[0]}', which is taken. Rename it.")


def example_inputs(ports: Sequence[Port], signature: Signature, n: int, length: int) -> Tensors:
    """Something for each port: classes in turn, random symbols, random numbers."""
    random = np.random.default_rng([n, length])
    return {port.name: torch.from_numpy(_example(port, signature, n, length, random)) for port in ports}


def _example(port: Port, signature: Signature, n: int, length: int, random: np.random.Generator) -> Any:
    if port.kind == "label":
        return np.arange(n) % (len(signature.classes) + 1)
    space = signature.space if isinstance(signature.space, Tokens) else signature.words
    shape = (n, *(min(length, _longest(port, signature)) if size < 0 else size for size in port.shape))
    if port.dtype == "int64":
        return random.integers(space.vocab_size if space else 2, size=shape)
    return random.standard_normal(shape, np.float32)


def _longest(port: Port, signature: Signature) -> int:
    return port.longest or (signature.space.length if isinstance(signature.space, Tokens) else LONGEST)


def _score(name: str, score: Score, signature: Signature, n: int, length: int) -> Seen:
    noise = {NOISE: torch.from_numpy(NoiseStream(1, n).draw(score.noise))} if score.noise else {}
    inputs = noise | example_inputs(score.inputs, signature, n, length)
    with torch.no_grad():
        return Seen(score_graph(name), inputs, _score_call(score)({key: tensor.clone() for key, tensor in inputs.items()}))


def _score_call(score: Score) -> Call:
    others = [port.name for port in score.inputs if port.name != "sample"]
    return lambda t: {SCORE: score.score(t["sample"], _noise(t), {name: t[name] for name in others})}


def _score_part(score: Score, signature: Signature, seen: Seen, other: Seen) -> Part:
    return Part(_score_call(score), seen, other, {port.name: _longest(port, signature) for port in score.inputs})


def _parts(run: SamplerRun, other: SamplerRun) -> list[Part]:
    longest = {port.name: _longest(port, run.signature) for port in run.sampler.inputs}
    return [
        Part(call, _first(run, part_graph(run.name, part)), _first(other, part_graph(run.name, part)), longest)
        for part, call in run.calls().items()
    ]


def _first(run: SamplerRun, graph: str) -> Seen:
    return next(seen for seen in run.seen if seen.graph == graph)


class _Together(nn.Module):
    """All parts side by side, so that one trace serves all graphs and finds every weight by identity."""

    def __init__(self, generator: Generator, parts: Sequence[Part], trail: list[str]) -> None:
        super().__init__()
        self.generator = generator
        self.others = nn.ModuleList(generator.inputs.values())
        self._parts = parts
        self._trail = trail

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        flat, outputs = iter(tensors), list[Tensor]()
        for part in self._parts:
            self._trail.append(part.example.graph)
            outputs += part.call({name: next(flat) for name in part.example.inputs}).values()
        return tuple(outputs)


def trace(generator: Generator, parts: Sequence[Part]) -> GraphProto:
    """One graph of all parts; an input is called "graph<name", an output "graph>name"."""
    trail = list[str]()
    example = tuple(tensor.clone() for part in parts for tensor in part.example.inputs.values())
    try:
        with torch.no_grad(), _quiet():
            program = torch.onnx.export(
                _Together(generator, parts, trail).eval(), example, dynamo=True, opset_version=OPSET, verbose=False,
                input_names=[name for part in parts for name in _names(part, "<", part.example.inputs)],
                output_names=[name for part in parts for name in _names(part, ">", part.example.outputs)],
                dynamic_shapes=(tuple(axes for part in parts for axes in part.dynamic()),),
            )  # fmt: skip
    except torch.onnx.OnnxExporterError as error:
        raise StudioError(_words(error, trail)) from error
    assert program is not None
    return program.model_proto.graph


def _names(part: Part, sign: str, names: Mapping[str, Any]) -> list[str]:
    return [f"{part.example.graph}{sign}{name}" for name in names]


def _words(error: BaseException, trail: list[str]) -> str:
    causes = [error]
    while following_cause := causes[-1].__cause__:
        causes.append(following_cause)
    place = f", the last part traced was '{trail[-1]}'" if trail else ""
    return f"The model cannot be written as ONNX{place}: {str(causes[-1]).strip().splitlines()[0]} The run keeps its checkpoints."


def _cut(traced: GraphProto, part: Part) -> GraphProto:
    inputs = dict(zip(_names(part, "<", part.example.inputs), part.example.inputs, strict=True))
    outputs = dict(zip(_names(part, ">", part.example.outputs), part.example.outputs, strict=True))
    return cut(traced, part.example.graph, inputs, outputs)


def _write_sampler(bundle: Bundle, graphs: Mapping[str, GraphProto], run: SamplerRun, other: SamplerRun) -> SamplerCard:
    parts = {part: graphs[part_graph(run.name, part)] for part in run.calls()}
    card = run.sampler.card(run.name).model_copy(update={"carry": _carry_ports(run, other)})
    if "peek" in parts and same(parts["peek"], parts["finish"]):
        del parts["peek"]
    idle = type(run.sampler).step is Sampler.step
    bundle.add(whole_graph(run.name), assemble(card, parts["init"], None if idle else parts["step"], parts["finish"]))
    for part, graph in parts.items():
        bundle.add(part_graph(run.name, part), graph)
    return card


def _assemble_score(graphs: Mapping[str, GraphProto], run: SamplerRun, other: SamplerRun) -> GraphProto:
    card = run.sampler.card(run.name).model_copy(update={"carry": _carry_ports(run, other)})
    whole = assemble(card, *(graphs[part_graph(run.name, part)] for part in ("init", "step", "finish")))
    whole.node.append(helper.make_node("Identity", [SAMPLES], [SCORE]))
    whole.output[0].name = SCORE
    return whole


def _carry_ports(run: SamplerRun, other: SamplerRun) -> tuple[Port, ...]:
    """Names, shapes without the batch, dtypes; a scalar has the shape ()."""
    graph = part_graph(run.name, "init")
    pairs = zip(_first(run, graph).outputs.items(), _first(other, graph).outputs.values(), strict=True)
    return tuple(_carry_port(name.removeprefix("next."), tensor, twin) for (name, tensor), twin in pairs)


def _carry_port(name: str, tensor: Tensor, twin: Tensor) -> Port:
    shape = tuple(a if a == b else -1 for a, b in zip(tensor.shape[1:], twin.shape[1:], strict=True))
    return Port(name=name, kind="any", shape=shape, dtype="float32" if tensor.is_floating_point() else "int64")


@contextmanager
def _at_rest(generator: Generator) -> Yields[None]:
    """The generator on the CPU and in evaluation mode, and afterwards as it was."""
    device = next((tensor.device for tensor in generator.state_dict().values()), torch.device("cpu"))
    training = generator.training
    models = (generator, *generator.inputs.values())
    for model in models:
        model.cpu().eval()
    try:
        yield
    finally:
        generator.to(device).train(training)
        for model in generator.inputs.values():
            model.to(device)


@contextmanager
def _quiet() -> Yields[None]:
    """Without the exporter's remarks, which are for its own developers."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logger.setLevel(level)
