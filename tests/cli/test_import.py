"""Models from elsewhere, taken in from the command line."""

import json

import pytest

from studio.api import StudioError
from studio.api.importer import Outline
from studio.cli.commands import main
from studio.engine.models import foreign
from studio.engine.models.catalog import resolve
from studio.engine.models.model import Model
from studio.engine.training.adoption import Adoption, adopt
from tests.plugins.pretrained import tiny_language_model


def said(capsys):
    caught = capsys.readouterr()
    return caught.out + caught.err


def test_that_a_look_tells_the_needs_and_takes_nothing_in(tmp_path, capsys, studio_home):
    tiny_language_model("gpt2", tmp_path / "gpt2")
    assert main(["import", str(tmp_path / "gpt2"), "--look", "--json"]) == 0
    caught = capsys.readouterr()
    told = json.loads(caught.out)
    assert told["architecture"] == "GPT2LMHeadModel"
    assert told["memory_to_import"] > told["memory_to_run"] > 4 * told["parameters"]
    assert "Memory: about 1.00 GB to import it" in caught.err
    assert not (studio_home / "models").exists()


def test_that_what_does_not_fit_is_refused_unless_it_is_insisted_on(tmp_path, capsys, monkeypatch):
    tiny_language_model("gpt2", tmp_path / "gpt2")
    monkeypatch.setattr(foreign.psutil, "virtual_memory", lambda: type("Memory", (), {"available": 10**6}))
    assert main(["import", str(tmp_path / "gpt2")]) == 1
    assert "Not begun: importing needs about 1.00 GB of memory, and 0.00 GB are free." in said(capsys)
    monkeypatch.setattr("studio.cli.import_model.adopt", refuse)
    assert main(["import", str(tmp_path / "gpt2"), "--yes"]) == 1
    assert "started" in said(capsys)


def refuse(*_):
    raise StudioError("started")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["/nowhere/at/all"], "no file or folder '/nowhere/at/all', and it is no name on the hub"),
        (["owner/model", "--offline"], "was not fetched before, and the studio is told to stay offline"),
        (["."], "holds no model that can be opened"),
    ],
)
def test_that_what_is_not_there_is_said_in_one_line(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))
    assert main(["import", *arguments]) == 1
    assert words in said(capsys)


def test_that_a_model_of_the_studio_is_taken_in_by_the_same_command(tmp_path, capsys, studio_home):
    assert main(["import", str(resolve("starter:vae-mnist")), "--json"]) == 0
    reference = json.loads(capsys.readouterr().out)["model"]
    assert resolve(reference, studio_home).parent == studio_home / "models"


def test_that_a_failing_import_says_why_and_leaves_nothing(tmp_path, studio_home):
    outline = Outline(importer="causal_lm", architecture="?", title="?", weights={}, activations=0)
    asked = {"options": {}, "title": "Broken", "source": "here", "target": studio_home / "models" / "broken"}
    with pytest.raises(StudioError, match=r"no config.json in it"):
        adopt(Adoption(folder=tmp_path, outline=outline, **asked), lambda stage: None)
    assert not (studio_home / "models" / "broken").exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_that_an_imported_language_model_is_sampled_like_any_other(tmp_path, capsys):
    tiny_language_model("llama", tmp_path / "tiny-llama")
    assert main(["import", str(tmp_path / "tiny-llama"), "--title", "Tiny llama", "--json"]) == 0
    reference = json.loads(capsys.readouterr().out)["model"]
    assert reference == "model:Tiny-llama"
    out = tmp_path / "text.txt"
    asked = ["--prompt", "the cat", "-n", "1", "--set", "length=8", "temperature=0", "-o", str(out), "--provider", "cpu"]
    assert main(["sample", reference, *asked]) == 0
    assert out.read_text().startswith("the cat")
    card = Model.open(resolve(reference), "cpu").card
    assert (card.method, card.plugin, card.title) == ("causal_lm", "transformer", "Tiny llama")
    assert card.dataset == str(tmp_path / "tiny-llama")
