"""The Hugging Face hub, as a small server in this process stands in for it."""

import json
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import huggingface_hub
import pytest
from huggingface_hub import constants
from huggingface_hub.utils import filter_repo_objects

from studio.api import StudioError
from studio.engine.models.hub import UNWANTED, WANTED, fetch, is_name

STABLE_DIFFUSION = [
    "model_index.json", "README.md", "v1-5-pruned.safetensors", "v1-5-pruned.ckpt", "feature_extractor/preprocessor_config.json",
    "safety_checker/config.json", "safety_checker/model.safetensors", "scheduler/scheduler_config.json",
    "text_encoder/config.json", "text_encoder/model.safetensors", "text_encoder/model.fp16.safetensors",
    "text_encoder/pytorch_model.bin", "tokenizer/merges.txt", "tokenizer/vocab.json", "tokenizer/tokenizer_config.json",
    "unet/config.json", "unet/diffusion_pytorch_model.bin", "unet/diffusion_pytorch_model.safetensors",
    "unet/diffusion_pytorch_model.non_ema.safetensors", "unet/modeling_evil.py", "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors", "vae/diffusion_flax_model.msgpack",
]  # fmt: skip
LANGUAGE_MODEL = [
    "config.json", "generation_config.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors",
    "model.safetensors.index.json", "modeling_evil.py", "pytorch_model.bin", "tokenizer.json", "tokenizer_config.json",
    "onnx/decoder_model.onnx", "original/consolidated.00.pth",
]  # fmt: skip


def wanted(files):
    return set(filter_repo_objects(files, allow_patterns=WANTED, ignore_patterns=UNWANTED))


def test_that_of_a_pipeline_only_what_is_read_is_fetched():
    left = {
        "model_index.json", "scheduler/scheduler_config.json", "text_encoder/config.json", "text_encoder/model.safetensors",
        "tokenizer/merges.txt", "tokenizer/vocab.json", "tokenizer/tokenizer_config.json", "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors", "vae/config.json", "vae/diffusion_pytorch_model.safetensors",
    }  # fmt: skip
    assert wanted(STABLE_DIFFUSION) == left


def test_that_of_a_language_model_neither_code_nor_pickles_are_fetched():
    assert wanted(LANGUAGE_MODEL) == {name for name in LANGUAGE_MODEL[:9] if not name.endswith((".py", ".bin"))}


@pytest.mark.parametrize(
    ("text", "named"),
    [("openai-community/gpt2", True), ("gpt2", False), ("../secret", False), ("a/b/c", False), ("/etc/passwd", False)],
)
def test_that_names_on_the_hub_are_told_from_paths(text, named):
    assert is_name(text) == named


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    cache = tmp_path / "cache"
    download = huggingface_hub.snapshot_download
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *a, **k: download(*a, cache_dir=cache, **k))
    return cache


def test_that_offline_only_what_was_fetched_before_is_used(empty_cache):
    with pytest.raises(StudioError, match=r"owner/model was not fetched before.*stay offline"):
        fetch("owner/model", offline=True)
    kept = empty_cache / "models--owner--model"
    (kept / "refs").mkdir(parents=True)
    (kept / "refs" / "main").write_text("a" * 40)
    (kept / "snapshots" / ("a" * 40)).mkdir(parents=True)
    (kept / "snapshots" / ("a" * 40) / "config.json").write_text("{}")
    folder, commit = fetch("owner/model", offline=True)
    assert commit == "a" * 40
    assert (folder / "config.json").read_text() == "{}"


FILES = {"config.json": b'{"model_type": "gpt2"}', "model.safetensors": b"weights", "evil.py": b"import os"}
COMMIT = "b" * 40


class Hub(BaseHTTPRequestHandler):
    """As much of the hub as a download asks for."""

    asked: list[str] = []

    def do_GET(self):
        self.answer(body=True)

    def do_HEAD(self):
        self.answer(body=False)

    def answer(self, body):
        self.asked.append(self.path)
        name = self.path.partition("?")[0].rsplit("/", 1)[-1]
        if "/api/models/owner/model" in self.path and "/tree/" in self.path:
            entries = [{"type": "file", "path": file, "size": len(data), "oid": "0"} for file, data in FILES.items()]
            self.send(json.dumps(entries).encode(), body)
        elif "/api/models/owner/model" in self.path:
            siblings = [{"rfilename": file, "size": len(data)} for file, data in FILES.items()]
            self.send(json.dumps({"id": "owner/model", "sha": COMMIT, "siblings": siblings}).encode(), body)
        elif "/owner/model/resolve/" in self.path and name in FILES:
            self.send(FILES[name], body)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def send(self, data, body):
        self.send_response(200)
        headers = {"Content-Length": len(data), "ETag": f'"{sha256(data).hexdigest()}"', "X-Repo-Commit": COMMIT}
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()
        if body:
            self.wfile.write(data)

    def log_message(self, *_):
        pass


@pytest.fixture
def served(monkeypatch, empty_cache):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    download = huggingface_hub.snapshot_download
    monkeypatch.setattr(huggingface_hub, "snapshot_download", lambda *a, **k: download(*a, endpoint=address, **k))
    Hub.asked.clear()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_that_a_model_is_fetched_at_its_commit_and_the_size_told_before(served):
    said = list[str]()
    folder, commit = fetch("owner/model", "v1", told=said.append)
    assert commit == COMMIT
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == {
        name: data for name, data in FILES.items() if name != "evil.py"
    }  # fmt: skip
    assert said == ["owner/model: 0.00 GB to fetch, 0.00 GB in all"]
    assert not [path for path in Hub.asked if "evil" in path and "resolve" in path]
    assert fetch("owner/model", COMMIT, offline=True) == (folder, COMMIT)


def test_that_an_unknown_name_is_said_to_be_unknown(served):
    with pytest.raises(StudioError, match="no model 'owner/other' on the hub"):
        fetch("owner/other", told=lambda _: None)


def test_that_a_hub_that_cannot_be_reached_is_said_to_be(served):
    served.shutdown()
    served.server_close()
    with pytest.raises(StudioError, match="The hub cannot be reached"):
        fetch("owner/model", told=lambda _: None)
