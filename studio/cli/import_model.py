"""studio import"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from studio.api.errors import StudioError
from studio.api.importer import ImportOptions, Outline
from studio.cli.command import Answer
from studio.engine.models import hub
from studio.engine.models.foreign import describe, look, obstacles, recognise
from studio.engine.models.importing import free_folder, import_model
from studio.engine.models.names import CARD
from studio.engine.plugins.discover import discover
from studio.engine.settings import read_settings
from studio.engine.training.adoption import Adoption, Stage, adopt
from studio.home import home


def arguments(parser: ArgumentParser) -> None:
    """What to take in, and how."""
    parser.add_argument(
        "model",
        help="a model of the studio (a folder), an ONNX file, a folder of diffusers or transformers, or a name on the hub",
    )
    parser.add_argument("--revision", default="", help="of a name on the hub: a commit, tag or branch; else the newest commit")
    parser.add_argument("--offline", action="store_true", help="of a name on the hub: use only what was fetched before")
    parser.add_argument("--title", default="", help="what the model is to be called")
    parser.add_argument("--context", type=int, default=0, help="tokens that a language model is to see at once")
    parser.add_argument("--look", action="store_true", help="only say what it is and how much memory it needs")
    parser.add_argument("--yes", action="store_true", help="go on though memory or disk seem too small")


def run(options: Namespace) -> Answer:
    """Take a model in."""
    path = Path(options.model).expanduser()
    if path.is_file() or (path / CARD).is_file():
        taken = import_model(path, home())
        return Answer({"model": f"model:{taken.name}", "folder": str(taken)}, f"Taken in as model:{taken.name}: {taken}")
    folder, source = _find(path, options)
    return _adopt(folder, source, options)


def _find(path: Path, options: Namespace) -> tuple[Path, str]:
    """The folder, and where it comes from."""
    if path.is_dir():
        return path.resolve(), str(path.resolve())
    if not hub.is_name(options.model):
        raise StudioError(f"There is no file or folder '{options.model}', and it is no name on the hub such as owner/model.")
    folder, commit = hub.fetch(options.model, options.revision, offline=options.offline, told=_tell)
    return folder, f"{options.model}@{commit}"


def _adopt(folder: Path, source: str, options: Namespace) -> Answer:
    switched_off = read_settings(home()).get("disabled_plugins")
    disabled = tuple(map(str, switched_off)) if isinstance(switched_off, list) else ()
    wanted = ImportOptions(context=max(0, options.context))
    outline = look(folder, recognise(folder, discover(disabled).importers), wanted)
    _tell(describe(outline))
    if options.look:
        return Answer(_facts(outline), describe(outline))
    if (against := obstacles(outline, home())) and not options.yes:
        raise StudioError(f"Not begun: {'; '.join(against)}. Close other programs, or say --yes to try all the same.")
    title = options.title or (source.partition("@")[0] if hub.is_name(options.model) else folder.name)
    target = free_folder(home() / "models", title)
    adoption = Adoption(
        folder=folder, outline=outline, options=wanted, title=title, source=source, target=target, disabled=disabled
    )  # fmt: skip
    card = adopt(adoption, _tell_stage)
    worst = max(card.parity.values(), default=0.0)
    lines = [f"{card.title} taken in as model:{target.name}", f"Largest difference from torch: {worst:.1e}"]
    facts = {"model": f"model:{target.name}", "folder": str(target), "parity": card.parity, "source": source}
    return Answer({**facts, **_facts(outline)}, "\n".join(lines))


def _facts(outline: Outline) -> dict[str, object]:
    needs = {"memory_to_import": outline.memory_to_import, "memory_to_run": outline.memory_to_run}
    return {"architecture": outline.architecture, "parameters": outline.parameters, **needs}


def _tell_stage(stage: Stage) -> None:
    _tell(f"{stage.done}/{stage.total}  {stage.what}")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
