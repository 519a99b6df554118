"""studio sample"""

import time
from argparse import ArgumentParser, Namespace
from pathlib import Path

from studio.api.errors import StudioError
from studio.cli.command import Answer, pairs
from studio.cli.output import save, suffix_for
from studio.engine.models.catalog import resolve
from studio.engine.models.feeding import left_out
from studio.engine.models.model import Model
from studio.engine.models.prompting import expand, expands


def arguments(parser: ArgumentParser) -> None:
    """Model, number, seed, controls and where to put the result."""
    parser.add_argument("model", help="a starter model's name, a run, or a path")
    parser.add_argument("-n", type=int, default=16, help="how many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--sampler", default="sample")
    parser.add_argument("--label", help="a class by name or number")
    parser.add_argument("--prompt", help="the beginning of a text, or what a picture shows")
    parser.add_argument("--negative-prompt", help="what a picture should keep away from")
    parser.add_argument(
        "--as-is", action="store_true", help="do not describe the prompt more fully, where the model was trained on full captions"
    )
    parser.add_argument("--set", nargs="+", action="extend", default=[], metavar="key=value", help="a control of the sampler")
    parser.add_argument("--provider", default="auto", choices=["auto", "cpu", "cuda", "tensorrt", "coreml", "directml"])
    parser.add_argument(
        "-o", "--output", type=Path, help="a .png, .npz, .txt, .wav (sounds), .csv (tables), .gif or .mp4 (pictures) file"
    )


def run(options: Namespace) -> Answer:
    """Make samples and save them."""
    if not 1 <= options.n <= 65_536:
        raise StudioError(f"'-n' must be between 1 and 65536, not {options.n}.")
    model = Model.open(resolve(options.model), options.provider)
    prompt = options.prompt
    if prompt and expands(model.card) and not options.as_is:
        prompt = expand(model, prompt)
    asked = {"label": options.label, "prompt": prompt, "negative_prompt": options.negative_prompt}
    inputs = {name: value for name, value in asked.items() if value is not None}
    begun = time.monotonic()
    samples = model.sample(options.sampler, options.n, seed=options.seed, inputs=inputs, controls=pairs(options.set))
    seconds = time.monotonic() - begun
    output = options.output or Path(f"{model.card.id}-{options.seed}{suffix_for(model.card.signature.space)}")
    save(samples, model.card.signature.space, output)
    each = 1000 * seconds / options.n
    text = f"{options.n} samples in {seconds:.2f} s ({each:.2f} ms each) on {model.provider}: {output}"
    data = {"file": str(output), "n": options.n, "seed": options.seed, "seconds": seconds, "provider": model.provider}
    notes = [f"Prompt: {prompt}"] if prompt != options.prompt else []
    notes += [model.note, left_out(filter(None, (options.prompt, options.negative_prompt)), model.card.signature.words)]
    return Answer({**data, "model": model.card.id, "prompt": prompt}, "\n".join(filter(None, (text, *notes))))
