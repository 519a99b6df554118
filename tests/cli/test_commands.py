"""The command line as a person or a script uses it."""

import json

import numpy as np
import pytest
from PIL import Image

from studio.cli.commands import main

MODEL = "starter:ddpm-moons"


def test_that_list_names_methods_and_starter_models(capsys):
    assert main(["list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {"vae", "ddpm", "dcgan", "gpt"} <= {method["id"] for method in listed["methods"]}
    assert {"starter:vae-mnist", "starter:gpt-austen", MODEL} <= set(listed["models"])
    assert all(plugin["healthy"] for plugin in listed["plugins"])


def test_that_data_check_names_each_skipped_file(tmp_path, capsys):
    Image.new("RGB", (40, 40), "red").save(tmp_path / "good.png")
    Image.new("RGB", (40, 40), "blue").save(tmp_path / "fine.png")
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    assert main(["data", "check", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "broken.png" in said
    assert "good.png" not in said


@pytest.mark.parametrize("ending", ["png", "npz", "txt"])
def test_that_sample_writes_the_kind_of_file_that_was_asked_for(tmp_path, capsys, ending):
    file = tmp_path / f"moons.{ending}"
    assert main(["sample", MODEL, "-n", "8", "--set", "steps=4", "--provider", "cpu", "-o", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["provider"] == "cpu"
    assert file.stat().st_size > 0


def test_that_the_same_seed_gives_the_same_samples_and_another_seed_others(tmp_path):
    made = []
    for k, seed in enumerate((3, 3, 4)):
        file = tmp_path / f"{k}.npz"
        assert main(["sample", MODEL, "-n", "4", "--seed", str(seed), "--set", "steps=4", "-o", str(file)]) == 0
        made.append(np.load(file)["samples"])
    np.testing.assert_array_equal(made[0], made[1])
    assert not np.array_equal(made[0], made[2])


def test_that_gpt_continues_the_prompt(tmp_path):
    file = tmp_path / "text.txt"
    assert main(["sample", "gpt-austen", "-n", "1", "--prompt", "It is", "--set", "length=10", "-o", str(file)]) == 0
    assert file.read_text().startswith("It is")
    assert len(file.read_text()) == 15


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sample", MODEL, "--set", "steps=0"], "'steps' must be between 1 and 200"),
        (["sample", "ddpm-moon"], "ddpm-moons"),
        (["train", "ddmp", "--data", "moons"], "did you mean 'ddpm'"),
        (["train", "gpt", "--data", "moons"], "tokens"),
        (["train", "consistency_distillation", "--data", "moons"], "--input teacher=RUN"),
        (["train", "consistency_distillation", "--data", "moons", "--input", "teacher=run:none"], "is no run of yours"),
        (["train", "consistency_training", "--data", "moons", "--input", "tutor=x"], "it has: teacher"),
        (["sample", MODEL, "-o", "x.bmp"], ".png, .npz or .txt"),
        (["sample", MODEL, "-n", "0"], "between 1 and 65536"),
        (["graph", "run", "absent.json"], "absent.json"),
        (["compare", MODEL, "--data", "digits", "-o", "out"], "points"),
    ],
)
def test_that_a_failure_is_one_readable_line_and_exit_code_one(arguments, words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    said = capsys.readouterr().err
    assert words in said
    assert said.startswith("studio: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [["sample"], ["no-such-command"], ["sample", MODEL, "--no-such-flag"]])
def test_that_wrong_use_exits_with_two(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2


def test_that_compare_writes_a_page_that_needs_nothing_else(tmp_path, capsys):
    assert main(["compare", MODEL, "--data", "moons", "-n", "64", "-o", str(tmp_path), "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["models"][0]
    assert row["milliseconds"] > 0
    assert np.isfinite(list(row["metrics"].values())).all()
    page = (tmp_path / "index.html").read_text()
    assert "data:image/png;base64," in page
    assert "src='http" not in page


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_training_ends_in_a_model_that_can_be_sampled_exported_and_listed(tmp_path, capsys):
    model = tmp_path / "model"
    assert main(["train", "vae", "--data", "moons", "--steps", "30", "--set", "width=16", "--out", str(model), "--json"]) == 0
    run = json.loads(capsys.readouterr().out)["run"]["id"]
    assert main(["sample", run, "-n", "4", "-o", str(tmp_path / "run.npz")]) == 0
    assert main(["sample", str(model), "-n", "4", "-o", str(tmp_path / "copy.npz")]) == 0
    np.testing.assert_array_equal(np.load(tmp_path / "run.npz")["samples"], np.load(tmp_path / "copy.npz")["samples"])
    assert main(["export", run, "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "sample.onnx").exists()
    capsys.readouterr()
    assert main(["runs", "--json"]) == 0
    assert [(info["id"], info["state"]) for info in json.loads(capsys.readouterr().out)] == [(run, "done")]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_a_run_teaches_another_and_is_not_part_of_its_model(tmp_path, capsys):
    few = ["--data", "moons", "--steps", "20", "--json", "--set", "width=16", "depth=1"]
    assert main(["train", "edm", *few]) == 0
    teacher = json.loads(capsys.readouterr().out)["run"]["id"]
    model = tmp_path / "model"
    assert main(["train", "consistency_distillation", *few, "--input", f"teacher={teacher}", "--out", str(model)]) == 0
    assert json.loads(capsys.readouterr().out)["run"]["request"]["inputs"] == {"teacher": f"run:{teacher}"}
    alone = tmp_path / "alone"
    assert main(["train", "consistency_training", *few, "--out", str(alone)]) == 0
    assert (model / "weights.bin").stat().st_size == (alone / "weights.bin").stat().st_size
    assert main(["sample", str(model), "-n", "4", "-o", str(tmp_path / "student.npz")]) == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_self_test_finds_this_installation_whole(capsys):
    assert main(["self-test"]) == 0, capsys.readouterr().out
