"""Folders of models on the Hugging Face hub: only texts and safetensors are fetched, of a revision that does not change."""

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from studio.api.errors import StudioError

NAME = re.compile(r"[\w.-]+/[\w.-]+")
PARTS = ("text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "unet", "vae", "scheduler")
TOP = (
    "model_index.json", "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json",
    "special_tokens_map.json", "vocab.json", "merges.txt", "model.safetensors", "model-?????-of-?????.safetensors",
    "model.safetensors.index.json",
)  # fmt: skip
INNER = ("*.json", "*.txt", "model*.safetensors", "diffusion_pytorch_model*.safetensors")
WANTED = [*TOP, *(f"{part}/{pattern}" for part in PARTS for pattern in INNER)]
UNWANTED = ["*.fp16*", "*non_ema*", "*.onnx*", "*openvino*", "*flax*"]


def is_name(reference: str) -> bool:
    """Whether a text is a name on the hub, "owner/model"."""
    return NAME.fullmatch(reference) is not None and ".." not in reference


def fetch(name: str, revision: str = "", *, offline: bool = False, told: Callable[[str], None] = print) -> tuple[Path, str]:
    """The folder of a model of the hub, and the commit it is of; what is there already is not fetched again.

    Args:
        revision: a commit, a tag or a branch; the newest commit of the main branch where it is empty.
        offline: use only what was fetched before.
        told: gets the size of the download in words before it begins.

    Raises:
        StudioError: there is no such model or revision, it needs a permission, the hub cannot be reached, or nothing was
            fetched before.
    """
    from huggingface_hub import snapshot_download

    with _in_words(name, revision, offline):
        if not offline:
            planned = snapshot_download(
                name, revision=revision or None, allow_patterns=WANTED, ignore_patterns=UNWANTED, dry_run=True
            )
            missing = sum(file.file_size or 0 for file in planned if file.will_download)
            told(f"{name}: {missing / 1e9:.2f} GB to fetch, {sum(file.file_size or 0 for file in planned) / 1e9:.2f} GB in all")
        folder = snapshot_download(
            name, revision=revision or None, allow_patterns=WANTED, ignore_patterns=UNWANTED, local_files_only=offline
        )
    return Path(folder), Path(folder).name


@contextmanager
def _in_words(name: str, revision: str, offline: bool) -> Generator[None]:
    from huggingface_hub import errors

    network = errors.HTTPError  # pyright: ignore[reportPrivateImportUsage] - of whichever client this version of the hub uses
    try:
        yield
    except (errors.EntryNotFoundError, errors.HFValidationError, network, OSError) as error:
        raise StudioError(_words(error, name, revision, offline)) from error


def _words(error: BaseException, name: str, revision: str, offline: bool) -> str:
    """What went wrong; of an error that only says that the hub cannot be used, its cause."""
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return (
            f"{name} is only given to people who accepted its terms: do that on its page of the hub, then log in with 'hf auth "
            "login'."
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{name} has no revision '{revision}'. Give a commit, a tag or a branch of it."
    if isinstance(error, errors.RepositoryNotFoundError):
        return f"There is no model '{name}' on the hub, or it is private: look at how it is spelled."
    if isinstance(error.__cause__, errors.HfHubHTTPError):
        return _words(error.__cause__, name, revision, offline)
    if offline:
        return f"{name} was not fetched before, and the studio is told to stay offline. Leave --offline away, or give a folder."
    why = f"The hub cannot be reached, or refuses ({_short(error)})."
    return f"{why} Go online, say --offline for what was fetched before, or give a folder."


def _short(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]
