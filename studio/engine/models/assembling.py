"""The stand-alone graph of a sampler, put together from its parts: init, a loop of steps, finish."""

from collections.abc import Iterable, Mapping

from onnx import GraphProto, NodeProto, TensorProto, ValueInfoProto, helper

from studio.api.sampler import SamplerCard
from studio.engine.models.cutting import reads, renamed
from studio.engine.models.names import INDEX, NOISE, STEP_NOISE, carried, following

MORE = "more"


def assemble(card: SamplerCard, init: GraphProto, step: GraphProto | None, finish: GraphProto) -> GraphProto:
    """Noise, inputs and controls in, samples out; `step` is None where it changes nothing.

    The step's weights lie inside the loop's body: onnxruntime lays them out for convolutions only there.
    """
    names = [port.name for port in card.carry]
    whole = GraphProto(name=card.name)
    _inline(whole, init, {following(name): f"start.{name}" for name in names})
    last = "start" if step is None else "end"
    if step is not None and card.plan.steps == 1:
        _add_one_step(whole, step, names)
    elif step is not None:
        _add_loop(whole, card, step, names)
    _inline(whole, finish, {carried(name): f"{last}.{name}" for name in names})
    whole.output.extend(finish.output)
    _declare_inputs(whole, card, [init, *([step] if step else [])])
    return whole


def _inline(whole: GraphProto, part: GraphProto, names: Mapping[str, str]) -> None:
    rename = lambda value: names.get(value, value)  # noqa: E731
    whole.node.extend(renamed(node, rename) for node in part.node)
    for tensor in part.initializer:
        whole.initializer.add().CopyFrom(tensor)
        whole.initializer[-1].name = rename(tensor.name)


def _add_one_step(whole: GraphProto, step: GraphProto, names: Iterable[str]) -> None:
    whole.initializer.append(helper.make_tensor("first", TensorProto.INT64, [], [0]))
    whole.node.append(_pick_noise("first"))
    entering = {carried(name): f"start.{name}" for name in names}
    leaving = {following(name): f"end.{name}" for name in names}
    _inline(whole, step, {**entering, **leaving, INDEX: "first", NOISE: "step/noise"})
    _drop_idle_nodes(whole)


def _add_loop(whole: GraphProto, card: SamplerCard, step: GraphProto, names: list[str]) -> None:
    trips = card.plan.steps
    if isinstance(trips, int):
        whole.initializer.append(helper.make_tensor("trips", TensorProto.INT64, [], [trips]))
    body = _body(step, names)
    starts, ends = [f"start.{name}" for name in names], [f"end.{name}" for name in names]
    whole.node.append(helper.make_node("Loop", [trips if isinstance(trips, str) else "trips", "", *starts], ends, body=body))


def _body(step: GraphProto, names: list[str]) -> GraphProto:
    body = GraphProto(name="step")
    body.node.append(helper.make_node("Identity", [MORE], ["still"]))
    body.node.append(_pick_noise(INDEX))
    _inline(body, step, {NOISE: "step/noise"})
    _drop_idle_nodes(body, keep={"still", *(following(name) for name in names)})
    leaving = {value.name: value for value in step.output}
    body.input.append(helper.make_tensor_value_info(INDEX, TensorProto.INT64, []))
    body.input.append(helper.make_tensor_value_info(MORE, TensorProto.BOOL, []))
    body.output.append(helper.make_tensor_value_info("still", TensorProto.BOOL, []))
    for name in names:
        entering = ValueInfoProto()
        entering.CopyFrom(leaving[following(name)])
        entering.name = carried(name)
        body.input.append(entering)
        body.output.append(leaving[following(name)])
    return body


def _pick_noise(index: str) -> NodeProto:
    return helper.make_node("Gather", [STEP_NOISE, index], ["step/noise"], axis=0)


def _drop_idle_nodes(graph: GraphProto, keep: Iterable[str] = ()) -> None:
    """The noise is not picked where the step draws none."""
    used = {value for node in graph.node for value in reads(node)} | set(keep)
    idle = [node for node in graph.node if node.output[0] == "step/noise" and "step/noise" not in used]
    for node in idle:
        graph.node.remove(node)


def _declare_inputs(whole: GraphProto, card: SamplerCard, parts: list[GraphProto]) -> None:
    used = {value for node in whole.node for value in reads(node)}
    known = {value.name: value for part in reversed(parts) for value in part.input if not value.name.startswith("carry.")}
    known.pop(INDEX, None)
    known.pop(NOISE, None)
    if NOISE in used and (noise := next((value for value in parts[0].input if value.name == NOISE), None)):
        whole.input.append(noise)
    if STEP_NOISE in used and card.plan.each:
        whole.input.append(
            helper.make_tensor_value_info(STEP_NOISE, TensorProto.FLOAT, ["steps", "batch", *card.plan.each.shape])
        )
    if isinstance(card.plan.steps, str) and card.plan.steps in used:
        known.setdefault(card.plan.steps, helper.make_tensor_value_info(card.plan.steps, TensorProto.INT64, []))
    whole.input.extend(value for name, value in known.items() if name in used)
