"""One run, from its request to its exported model."""

import shutil
import signal
import time
import traceback
from datetime import UTC, datetime

import studio
from studio.api.errors import Stopped, StudioError
from studio.api.events import Done, Exported, Failed, Message
from studio.api.model import ModelCard
from studio.api.params import settle
from studio.engine.plugins.discover import discover
from studio.engine.plugins.registry import Registry
from studio.engine.runs.atomic import DiskError, sweep, write_atomically
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.journal import Journal
from studio.engine.runs.record import RunRecord
from studio.engine.training.assemble import Job, Shop
from studio.engine.training.blame import culprit, words
from studio.engine.training.checkpoint import unpack
from studio.engine.training.device import use_threads
from studio.engine.training.exits import DISK_FAILED, OK, PLUGIN_FAILED, REFUSED
from studio.engine.training.recorder import FolderRecorder
from studio.kit.training import Fit


def train(folder: RunFolder) -> int:
    """Train a run whose lock is held by this process, to its end or until it is stopped; the exit code.

    Raises:
        DiskError: not even the journal can be written.
    """
    record = folder.record()
    folder.leave_queue()
    for place in (folder.path, folder.previews, folder.checkpoints.folder):
        sweep(place)
    recorder = FolderRecorder(folder, Journal(folder.journal))
    signal.signal(signal.SIGTERM, recorder.stop)
    registry = Registry()
    try:
        registry = discover(record.disabled)
        _train(folder, record, recorder, registry)
    except Stopped:
        recorder.end(recorder.ending())
    except StudioError as error:
        recorder.end(Failed(error=str(error)))
        return DISK_FAILED if isinstance(error, DiskError) else REFUSED
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything; this is the process's boundary
        recorder.end(_failure(error, record, registry))
        return PLUGIN_FAILED
    return OK


def _failure(error: BaseException, record: RunRecord, registry: Registry) -> Failed:
    text = "".join(traceback.format_exception(error))[-20_000:]
    return Failed(error=words(error, record.request.batch_size), culprit=culprit(error, registry), traceback=text)


def _train(folder: RunFolder, record: RunRecord, recorder: FolderRecorder, registry: Registry) -> None:
    use_threads()
    job = Shop(registry, folder.path.parent).assemble(record.request)
    write_atomically(folder.signature, job.dataset.signature.model_dump_json().encode())
    fit = Fit(job.generator, job.source, job.settings, recorder)
    _go_on(folder, fit, recorder)
    fit.run()
    _export(record, job, fit, folder, recorder)
    recorder.end(Done(step=fit.training.step, seconds=fit.training.spent))


def export_checkpoint(folder: RunFolder) -> None:
    """Export the last checkpoint of a run as it is, without training on.

    Raises:
        StudioError: there is no checkpoint, or a graph differs from torch.
    """
    record = folder.record()
    recorder = FolderRecorder(folder, Journal(folder.journal))
    job = Shop(discover(record.disabled), folder.path.parent).assemble(record.request)
    fit = Fit(job.generator, job.source, job.settings, recorder)
    _go_on(folder, fit, recorder)
    if not recorder.step:
        raise StudioError(f"The run {folder.id} has no checkpoint yet; train it first.")
    _export(record, job, fit, folder, recorder)


def _go_on(folder: RunFolder, fit: Fit, recorder: FolderRecorder) -> None:
    loaded = folder.checkpoints.load()
    if loaded is None:
        return
    checkpoint, data, warning = loaded
    fit.restore(*unpack(data))
    recorder.step = checkpoint.step
    if warning:
        recorder.write(Message(level="warning", text=warning))


def _export(record: RunRecord, job: Job, fit: Fit, folder: RunFolder, recorder: FolderRecorder) -> None:
    from studio.engine.models.export import export

    begun = time.monotonic()
    draft = folder.path / ".model"
    shutil.rmtree(draft, ignore_errors=True)
    job.generator.eval()
    card = export(job.generator, _about(record, job, fit), draft, progress=recorder.exporting)
    shutil.rmtree(folder.model, ignore_errors=True)
    draft.rename(folder.model)
    recorder.write(Exported(folder="model", parity=card.parity, seconds=time.monotonic() - begun))


def _about(record: RunRecord, job: Job, fit: Fit) -> ModelCard:
    request = record.request
    return ModelCard(
        id=record.id, title=record.title, method=request.method, family=job.card.family, plugin=record.plugin,
        signature=job.generator.signature, params=settle(job.card.parameters, request.params), dataset=request.dataset,
        run=record.id, step=fit.training.step, parameters=sum(weight.numel() for weight in job.generator.parameters()),
        created=datetime.now(UTC).isoformat(timespec="seconds"), studio=studio.__version__, samplers=(),
    )  # fmt: skip
