"""The command line: every command is the headless twin of something in the window."""

import argparse
import json
import sys
import traceback
from importlib import import_module
from typing import Any

from studio.api.errors import Stopped, StudioError
from studio.cli.command import Command

COMMANDS = {
    "list": ("list_methods", "the methods, starter models and plugins there are"),
    "data": ("data", "list data sets, or check a folder, a table or a text"),
    "train": ("train", "train a method on data"),
    "runs": ("runs", "the trainings so far"),
    "sample": ("sample", "make samples with a model"),
    "import": ("import_model", "take in a model from a file, a folder or the Hugging Face hub"),
    "export": ("export", "export a run's last checkpoint to ONNX"),
    "check": ("check", "hold a method against the laws every method obeys"),
    "graph": ("graph", "run a saved graph"),
    "compare": ("compare", "compare models side by side on one data set"),
    "self-test": ("self_test", "see whether this installation is whole"),
    "demo": ("demo", "what the window shows first, as pictures in a folder"),
}


def main(arguments: list[str]) -> int:
    """Run a command: 0 done, 1 failed with one readable line on stderr, 2 wrong use."""
    options = parse(arguments)
    try:
        answer = options.command.run(options)
    except StudioError as error:
        return fail(str(error), options)
    except (KeyboardInterrupt, Stopped):
        return fail("stopped.", options)
    except BrokenPipeError:
        return 1
    except Exception as error:  # noqa: BLE001 - the process's boundary
        return fail(f"an error inside the studio: {type(error).__name__}: {error}; --debug shows where.", options)
    print(json.dumps(answer.data, indent=1, default=plain) if options.json else answer.text, flush=True)
    return int(answer.failed)


def parse(arguments: list[str]) -> argparse.Namespace:
    """The options; exits with 2 where they are wrong."""
    parser = argparse.ArgumentParser("studio", description="Generative Studio. Without a command the window opens.")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, (module, help) in COMMANDS.items():
        _add(commands.add_parser(name, help=help, description=help[0].upper() + help[1:] + "."), module, name, arguments)
    return parser.parse_args(arguments)


def _add(parser: argparse.ArgumentParser, module: str, name: str, arguments: list[str]) -> None:
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")
    if arguments[:1] == [name]:
        command: Any = import_module(f"studio.cli.{module}")
        asked: Command = command
        asked.arguments(parser)
        parser.set_defaults(command=asked)


def fail(text: str, options: argparse.Namespace) -> int:
    """Say in one line what went wrong."""
    if options.debug:
        traceback.print_exc()
    line = " ".join(text.split())
    print(json.dumps({"error": line}) if options.json else f"studio: {line}", file=sys.stderr)
    return 1


def plain(value: Any) -> Any:
    """Frozen facts as JSON."""
    return value.model_dump(mode="json") if hasattr(value, "model_dump") else str(value)
