"""The project's own environment, `.venv`: made on first use, repaired after an interruption, left alone when it is ready."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import system

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".venv"
PYTHON = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
READY = FOLDER / "studio-ready.json"
UNFINISHED = FOLDER / "studio-unfinished"


def prepare(extras: tuple[str, ...] = ()) -> Path:
    """The Python of an environment that holds the project, its pinned requirements and `extras`."""
    _check_python()
    with system.one_at_a_time(ROOT / "pyproject.toml"):
        if not _is_whole():
            _make()
        if not _is_ready(extras):
            _install(extras)
    return PYTHON


def _check_python() -> None:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(f"Generative Studio needs Python 3.11, 3.12 or 3.13; this is {found}. Run: python3.11 {' '.join(sys.argv)}")


def _is_ready(extras: tuple[str, ...]) -> bool:
    if not (_is_whole() and READY.exists()):
        return False
    ready = json.loads(READY.read_text())
    return ready["pins"] == _pins() and set(extras) <= set(ready["extras"])


def _is_whole() -> bool:
    if UNFINISHED.exists() or not PYTHON.exists():
        return False
    return not READY.exists() or json.loads(READY.read_text())["place"] == _place()


def _place() -> list[str]:
    return [str(ROOT), str(PYTHON.resolve())]


def _pins() -> str:
    texts = (CONSTRAINTS.read_bytes(), (ROOT / "pyproject.toml").read_bytes())
    return hashlib.sha256(b"\0".join(texts)).hexdigest()


def _make() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        version = "{}.{}".format(*sys.version_info)
        system.install([f"python{version}-venv"], f"This Python {version} cannot make environments.")
    print(f"Making {FOLDER}", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    UNFINISHED.touch()
    venv.create(FOLDER, symlinks=os.name != "nt")
    _run([str(PYTHON), "-m", "ensurepip", "--default-pip"])


def _install(extras: tuple[str, ...]) -> None:
    print("Installing what the studio needs; the first time this takes some minutes and up to 6 GB.", flush=True)
    UNFINISHED.touch()
    READY.unlink(missing_ok=True)
    project = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
    _pip("hatchling")
    _pip("--no-build-isolation", "--editable", project)
    READY.write_text(json.dumps({"place": _place(), "pins": _pins(), "extras": extras}))
    UNFINISHED.unlink()


def _pip(*wanted: str) -> None:
    options = ["--no-input", "--disable-pip-version-check", "--only-binary", ":all:", "--constraint", str(CONSTRAINTS)]
    _run([str(PYTHON), "-m", "pip", "install", *options, *wanted])


def _run(command: list[str]) -> None:
    if code := subprocess.run(command, check=False).returncode:
        sys.exit(f"Setting up failed (exit code {code}): see the lines above. Run the same command again to go on.")


if __name__ == "__main__":
    prepare(tuple(sys.argv[1:]))
