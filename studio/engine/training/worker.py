"""The trainer's process.

    python -m studio.engine.training.worker RUNDIR             train or go on training a run
    python -m studio.engine.training.worker --wait             import torch, then wait on stdin for arguments and a lock
    python -m studio.engine.training.worker --export RUNDIR    export a run's last checkpoint without training on
    python -m studio.engine.training.worker --estimate FILE    measure a few steps of a request, tell as JSON

Exit codes: 0 trained or stopped on request, 1 the request cannot be trained, 70 a plugin failed, 74 the disk refused, 75 the
run has a trainer already.
"""

import json
import os
import socket
import sys
from pathlib import Path

from studio.api.errors import StudioError
from studio.engine.runs.atomic import DiskError
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.lock import Lock
from studio.engine.training.exits import DISK_FAILED, OK, REFUSED, TAKEN
from studio.engine.training.output import capture

PATIENCE = 5.0


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit code."""
    match arguments:
        case ["--wait"]:
            return _wait()
        case ["--estimate", file]:
            return _estimate(Path(file))
        case ["--export", folder]:
            return _export(Path(folder))
        case ["--lock", descriptor, folder]:
            return _train(Path(folder), Lock(int(descriptor)))
        case [folder]:
            return _train(Path(folder), None)
        case _:
            print(__doc__, file=sys.stderr)
            return 2


def _wait() -> int:
    from studio.engine.training.warmth import warm_up

    line = socket.socket(fileno=os.dup(0))
    warm_up()
    data, descriptors, *_ = socket.recv_fds(line, 65536, 1)
    line.close()
    if not data:
        return OK
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    return main(["--lock", str(descriptors[0]), *json.loads(data)])


def _train(path: Path, held: Lock | None) -> int:
    folder = RunFolder(path.resolve())
    held = held or folder.take(PATIENCE)
    if held is None:
        return TAKEN
    held.sign(os.getpid())
    capture(folder.output)
    try:
        from studio.engine.training.trainer import train

        return train(folder)
    except DiskError as error:
        print(error, flush=True)
        return DISK_FAILED


def _export(path: Path) -> int:
    from studio.engine.training.trainer import export_checkpoint

    folder = RunFolder(path.resolve())
    held = folder.take(PATIENCE)
    if held is None:
        return TAKEN
    try:
        export_checkpoint(folder)
    except StudioError as error:
        print(error, file=sys.stderr)
        return REFUSED
    return OK


def _estimate(file: Path) -> int:
    from studio.engine.training.blame import words
    from studio.engine.training.measure import measure
    from studio.engine.training.question import Measured

    try:
        answer = measure(file)
    except StudioError as error:
        answer = Measured(error=str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as in `train`
        answer = Measured(error=f"No estimate: the first steps failed. {words(error)}")
    print(f"\n{answer.model_dump_json()}")
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
