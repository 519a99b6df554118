"""Language models from elsewhere, against transformers itself."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file
from studio_transformer.language_model import Writing, open_language_model
from studio_transformer.language_model_folder import outline
from studio_transformer.llama import frequencies

from studio.api import ImportOptions, ModelCard, StudioError
from studio.engine.models.export import export
from studio.engine.models.feeding import tokenize
from studio.engine.models.model import Model
from studio.kit.sampler import sample
from tests.plugins.decoders import check_that_steps_give_the_logits_of_the_whole_sequence, random_tokens
from tests.plugins.pretrained import tiny_language_model

PLAIN = ImportOptions()
STRETCHED = {
    "rope_type": "llama3", "rope_theta": 500000.0, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 32,
}  # fmt: skip
KINDS = {
    "gpt2": ("gpt2", {}),
    "llama": ("llama", {}),
    "llama tied, with biases": ("llama", {"tie_word_embeddings": True, "attention_bias": True}),
    "llama 3": ("llama", {"rope_parameters": STRETCHED, "head_dim": 12}),
    "mistral": ("mistral", {"sliding_window": None}),
    "qwen2": ("qwen2", {}),
}


@pytest.mark.parametrize("name", KINDS)
def test_that_logits_are_those_of_transformers(name, tmp_path):
    kind, changes = KINDS[name]
    theirs, _ = tiny_language_model(kind, tmp_path, **changes)
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.add_(0.01 * torch.randn_like(weight))
        theirs.save_pretrained(tmp_path)
        ours = open_language_model(tmp_path, PLAIN).decoder
        tokens = random_tokens(ours, 2, 64)
        torch.testing.assert_close(ours(tokens), theirs(tokens).logits, atol=1e-4, rtol=1e-4)
        check_that_steps_give_the_logits_of_the_whole_sequence(ours)


@pytest.fixture(scope="module", params=["gpt2", "llama"])
def exported(request, tmp_path_factory):
    """(transformers' model, its tokenizer, our exported one)"""
    folder = tmp_path_factory.mktemp(request.param)
    theirs, tokenizer = tiny_language_model(request.param, folder)
    generator = open_language_model(folder, PLAIN)
    about = ModelCard(
        id="tiny", title="Tiny", method="causal_lm", family="transformer", plugin="transformer", signature=generator.signature,
        params={}, dataset="", run="", step=0, parameters=1, created="2026-01-01T00:00:00", studio="0", samplers=(),
    )  # fmt: skip
    export(generator, about, folder / "model", large=True)
    model = Model.open(folder / "model", "cpu")
    yield theirs, tokenizer, model
    model.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("prompt", ["the cat", "A red äpple", "x"])
def test_that_greedy_text_is_token_for_token_that_of_transformers(exported, prompt):
    theirs, tokenizer, model = exported
    given = tokenizer(prompt, return_tensors="pt")
    expected = theirs.generate(**given, max_new_tokens=20, do_sample=False, pad_token_id=0)[0].tolist()
    written = model.sample("sample", 1, inputs={"prompt": prompt}, controls={"length": 20, "temperature": 0.0})
    assert [token for token in written[0].tolist() if token >= 0] == expected
    assert model.texts(written) == [tokenizer.decode(expected, skip_special_tokens=True)]


@pytest.mark.timeout(600)
def test_that_the_host_writes_prompts_as_the_tokenizer_does(exported):
    _, tokenizer, model = exported
    for text in ("the cat sat", "Ünïcode & <|endoftext|> 7", "  two  blanks\n"):
        assert tokenize(text, model.card.signature.space) == tokenizer(text).input_ids


def test_that_nothing_is_written_after_the_end_of_a_text(tmp_path):
    tiny_language_model("llama", tmp_path)
    generator = open_language_model(tmp_path, PLAIN)
    prompt = {"prompt": torch.tensor([[5, 6, 7]])}
    free = sample(Writing(generator.decoder, generator.space, ()), 1, 0, prompt, {"length": 12, "temperature": 0.0})[0]
    end = int(free[7])
    first = free[3:].tolist().index(end) + 3
    ended = sample(Writing(generator.decoder, generator.space, (end,)), 1, 0, prompt, {"length": 12, "temperature": 0.0})[0]
    assert ended[: first + 1].tolist() == free[: first + 1].tolist()
    assert (ended[first + 1 :] == -1).all()


def test_that_long_waves_are_stretched_and_short_ones_stay():
    plain, stretched = frequencies(16, {"rope_theta": 500000.0}), frequencies(16, STRETCHED)
    assert stretched[0] == plain[0]
    assert stretched[-1] * 8 == pytest.approx(float(plain[-1]))


def test_that_a_longer_context_than_trained_is_refused(tmp_path):
    tiny_language_model("gpt2", tmp_path)
    assert outline(tmp_path, ImportOptions(context=16)).details["context"] == 16
    assert open_language_model(tmp_path, ImportOptions(context=16)).decoder.context == 16
    with pytest.raises(StudioError, match="between 8 and 64"):
        outline(tmp_path, ImportOptions(context=65))


def test_that_the_outline_counts_every_weight(tmp_path):
    theirs, _ = tiny_language_model("gpt2", tmp_path)
    assert outline(tmp_path, PLAIN).weights == {"F32": sum(weight.numel() for weight in theirs.parameters())}


def change(folder, **changes):
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def test_that_an_unknown_architecture_is_refused_by_name(tmp_path):
    tiny_language_model("llama", tmp_path)
    change(tmp_path, model_type="rwkv", architectures=["RwkvForCausalLM"], auto_map={"AutoModel": "evil.Model"})
    with pytest.raises(StudioError, match=r"RwkvForCausalLM is not known here.*gpt2, llama, mistral, qwen2"):
        outline(tmp_path, PLAIN)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_act": "relu"}, "'hidden_act' 'relu'"),
        ({"quantization_config": {"bits": 4}}, "quantised"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4}}, "'yarn'"),
        ({"num_hidden_layers": "two"}, "config.json does not say"),
    ],
)
def test_that_an_unknown_variant_is_refused_with_its_reason(tmp_path, changes, words):
    tiny_language_model("llama", tmp_path)
    change(tmp_path, **changes)
    with pytest.raises(StudioError, match=words):
        open_language_model(tmp_path, PLAIN)


def test_that_a_folder_with_pickles_alone_is_refused(tmp_path):
    tiny_language_model("gpt2", tmp_path)
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    with pytest.raises(StudioError, match=r"pytorch_model.bin only.*run any code.*safetensors"):
        outline(tmp_path, PLAIN)


def test_that_a_cut_off_file_is_refused_before_it_is_loaded(tmp_path):
    tiny_language_model("gpt2", tmp_path)
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(StudioError, match="cut off.*Fetch it again"):
        outline(tmp_path, PLAIN)
    weights.write_bytes(b"\xff\xff\xff\xff\xff")
    with pytest.raises(StudioError, match="cut off"):
        outline(tmp_path, PLAIN)


def test_that_missing_weights_are_named(tmp_path):
    tiny_language_model("llama", tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(StudioError, match=r"1 are missing, the first is 'norm.weight'"):
        open_language_model(tmp_path, PLAIN)


def test_that_a_folder_without_a_tokenizer_is_refused(tmp_path):
    tiny_language_model("gpt2", tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    with pytest.raises(StudioError, match="no tokenizer.json"):
        outline(tmp_path, PLAIN)


def test_that_weights_in_several_files_are_read_and_a_missing_one_is_named(tmp_path):
    theirs, _ = tiny_language_model("llama", tmp_path)
    (tmp_path / "model.safetensors").unlink()
    theirs.save_pretrained(tmp_path, max_shard_size="30KB")
    parts = sorted(tmp_path.glob("model-*.safetensors"))
    assert len(parts) > 1
    tokens = torch.arange(12)[None]
    torch.testing.assert_close(open_language_model(tmp_path, PLAIN).decoder(tokens), theirs(tokens).logits, atol=1e-4, rtol=1e-4)
    parts[0].unlink()
    with pytest.raises(StudioError, match=parts[0].name):
        outline(tmp_path, PLAIN)
