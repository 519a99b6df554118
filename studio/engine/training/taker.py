"""The process that looks at a model from elsewhere or takes it in.

    python -m studio.engine.training.taker FILE    FILE is an `Errand` as JSON; what happens is told as JSON, one a line

It ends, with all that it started and made, as soon as its standard input does. Exit codes: 0 done, 1 not possible, 70 a fault.
"""

import os
import shutil
import sys
import traceback
from pathlib import Path
from threading import Event, Thread

import psutil

from studio.api.errors import StudioError
from studio.engine.training.adoption import Stage
from studio.engine.training.errand import Arrived, Errand, Failed, News, Reached, Seen
from studio.engine.training.exits import OK, PLUGIN_FAILED, REFUSED
from studio.engine.training.taking_in import see, take_in


def main(file: Path) -> int:
    """Do it; the exit code."""
    errand = Errand.model_validate_json(file.read_bytes())
    ending = Event()
    end = Thread(target=_end_with_input, args=[errand.place, ending], daemon=True, name="end")
    end.start()
    code = _try(errand)
    if ending.is_set():
        end.join()
    return code


def _try(errand: Errand) -> int:
    try:
        _tell(_do(errand))
    except StudioError as error:
        _tell(Failed(error=str(error), details=traceback.format_exc()))
        return REFUSED
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the process's boundary
        words = f"It cannot be opened: {type(error).__name__}: {error}. The details help to report it."
        _tell(Failed(error=words, details=traceback.format_exc()))
        return PLUGIN_FAILED
    return OK


def _do(errand: Errand) -> News:
    if errand.order is not None:
        return Arrived(taken=take_in(errand.order, _reached))
    if errand.reference is not None:
        return Seen(sight=see(errand.reference, _reached, errand.disabled))
    raise StudioError("There is nothing to look at.")


def _reached(stage: Stage) -> None:
    _tell(Reached(stage=stage))


def _tell(news: News) -> None:
    sys.stdout.write(f"{news.model_dump_json()}\n")
    sys.stdout.flush()


def _end_with_input(place: Path, ending: Event) -> None:
    while os.read(0, 4096):
        pass
    ending.set()
    started = psutil.Process().children(recursive=True)
    for process in started:
        process.kill()
    psutil.wait_procs(started, timeout=1)
    shutil.rmtree(place, ignore_errors=True)
    os._exit(REFUSED)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
