"""Laws of training: it stays finite, goes on where it stopped, and leaves its inputs alone."""

import torch

from studio.api.errors import Stopped
from studio.engine.training.case import STEPS, Broken, Case, Traces
from studio.kit.generator import Generator


def spares(case: Case, trained: Generator) -> str:
    """Training changes nothing in the models that the method was given."""
    for slot, model in case.build().inputs.items():
        after = trained.inputs[slot].state_dict()
        if changed := [name for name, tensor in model.state_dict().items() if not torch.equal(tensor, after[name])]:
            raise Broken(f"{len(changed)} tensors of '{slot}' changed, the first is {changed[0]}")
    return ", ".join(case.inputs)


def trains(case: Case, trained: list[Generator]) -> str:
    """Finite values at every step."""
    generator, traces = case.build(), Traces()
    case.fit(generator, traces)
    values = [value for event in traces.events if event.kind == "step" for value in event.values.values()]
    if not values or None in values:
        raise Broken("a value was not finite" if values else "no step told any value")
    generator.eval()
    trained.append(generator)
    return f"{len(values)} values"


def resumes(case: Case) -> str:
    """A run stopped half-way and resumed in a fresh generator ends with the same weights."""
    whole = case.build()
    case.fit(whole, Traces())
    traces = _stopped(case)
    traces.stop_after = None
    resumed = case.build()
    with torch.no_grad():
        for weight in resumed.parameters():
            weight.add_(1.0)
    case.fit(resumed, traces, resume_from=max(traces.saved))
    different = [name for name, tensor in whole.state_dict().items() if not torch.equal(tensor, resumed.state_dict()[name])]
    if different:
        raise Broken(f"{len(different)} tensors differ, the first is {different[0]}")
    return f"from step {STEPS // 2}"


def cancels(case: Case) -> str:
    """The checkpoint after a stop holds the step at which it came."""
    saved = max(_stopped(case).saved)
    if saved != STEPS // 2:
        raise Broken(f"stopped at step {STEPS // 2}, saved at {saved}")
    return f"step {saved}"


def _stopped(case: Case) -> Traces:
    traces = Traces(stop_after=STEPS // 2)
    try:
        case.fit(case.build(), traces)
    except Stopped:
        return traces
    raise Broken("report() raised Stopped, yet training went on")
