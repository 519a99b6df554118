"""A folder with a language model in the layout of Hugging Face transformers, looked at without loading it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from studio.api import ImportOptions, Outline, StudioError
from studio.api.frozen import Frozen
from studio.api.weights import count_by_type, read_config, read_heads

KNOWN = ("gpt2", "llama", "mistral", "qwen2")
USUAL_CONTEXT, SHORTEST_CONTEXT = 1024, 8


class Shape(Frozen):
    """The sizes of a decoder.

    Attributes:
        heads: of queries; `shared_heads` are those of keys and values, `head` is the width of one.
        positions: the longest text that it was trained on.
        tied: whether the last layer is the token embedding.
    """

    kind: str
    vocab_size: int
    width: int
    hidden: int
    layers: int
    heads: int
    shared_heads: int
    head: int
    positions: int
    epsilon: float
    tied: bool
    bias_in: bool = False
    bias_out: bool = False


def outline(folder: Path, options: ImportOptions) -> Outline:
    """What the model is and needs.

    Raises:
        StudioError: another architecture, or something is missing or damaged.
    """
    config = read_config(folder / "config.json")
    shape = shape_of(config)
    if not any((folder / name).is_file() for name in ("tokenizer.json", "vocab.json")):
        raise StudioError(f"{folder} holds no tokenizer.json, without which no text can be given to the model.")
    heads = read_heads(folder, "model")
    context = context_of(shape, options)
    cache = 2 * 2 * shape.layers * shape.shared_heads * shape.head * context
    logits = 4 * shape.vocab_size
    return Outline(
        importer="causal_lm", architecture=architecture(config), title=str(config.get("_name_or_path") or folder.name),
        weights=count_by_type(heads), activations=4 * (cache + logits + 8 * context * shape.width),
        details={"context": context, "vocab_size": shape.vocab_size, "layers": shape.layers, "width": shape.width},
    )  # fmt: skip


def architecture(config: Mapping[str, Any]) -> str:
    """The name that the model's makers gave it."""
    return str((config.get("architectures") or [config.get("model_type", "?")])[0])


def context_of(shape: Shape, options: ImportOptions) -> int:
    """The tokens that the model is to see at once; StudioError where it was not trained on so many."""
    context = options.context or min(shape.positions, USUAL_CONTEXT)
    if not SHORTEST_CONTEXT <= context <= shape.positions:
        raise StudioError(f"The context must be between {SHORTEST_CONTEXT} and {shape.positions} tokens, not {context}.")
    return context


def shape_of(config: Mapping[str, Any]) -> Shape:
    """The sizes that a config.json tells.

    Raises:
        StudioError: an architecture, or a variant of one, that is not known here.
    """
    kind = config.get("model_type")
    if kind not in KNOWN or not architecture(config).endswith(("ForCausalLM", "LMHeadModel")):
        raise StudioError(
            f"{architecture(config)} is not known here. Language models of these kinds can be opened: {', '.join(KNOWN)}. The "
            "code that some models bring along is never run."
        )
    if "quantization_config" in config:
        raise StudioError("The weights are quantised, which cannot be read. Choose the model's full version.")
    try:
        return _gpt2(config) if kind == "gpt2" else _llama(config)
    except (KeyError, TypeError, ValidationError) as error:
        raise StudioError(f"config.json does not say what it should ({str(error).splitlines()[0]}).") from error


def _gpt2(config: Mapping[str, Any]) -> Shape:
    width = config["n_embd"]
    _expect(config, "activation_function", "gelu_new", "gelu_pytorch_tanh")
    _expect(config, "n_inner", None, 4 * width)
    _expect(config, "layer_norm_epsilon", 1e-5)
    _expect(config, "scale_attn_by_inverse_layer_idx", None, False)
    _expect(config, "scale_attn_weights", None, True)
    _expect(config, "tie_word_embeddings", None, True)
    return Shape(
        kind="gpt2", vocab_size=config["vocab_size"], width=width, hidden=4 * width, layers=config["n_layer"],
        heads=config["n_head"], shared_heads=config["n_head"], head=width // config["n_head"],
        positions=config["n_positions"], epsilon=1e-5, tied=True, bias_in=True, bias_out=True,
    )  # fmt: skip


def _llama(config: Mapping[str, Any]) -> Shape:
    kind, heads = config["model_type"], config["num_attention_heads"]
    _expect(config, "hidden_act", "silu")
    _expect(config, "mlp_bias", None, False)
    positions = config["max_position_embeddings"]
    if kind == "mistral" or config.get("use_sliding_window"):
        positions = min(positions, config.get("sliding_window") or positions)
    bias = bool(config.get("attention_bias", False))
    return Shape(
        kind=kind, vocab_size=config["vocab_size"], width=config["hidden_size"], hidden=config["intermediate_size"],
        layers=config["num_hidden_layers"], heads=heads, shared_heads=config.get("num_key_value_heads") or heads,
        head=config.get("head_dim") or config["hidden_size"] // heads, positions=positions,
        epsilon=config.get("rms_norm_eps", 1e-6), tied=bool(config.get("tie_word_embeddings", False)),
        bias_in=bias or kind == "qwen2", bias_out=bias,
    )  # fmt: skip


def rope_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """How rotary positions turn, whichever version of transformers wrote it."""
    older = {"rope_theta": config["rope_theta"]} if "rope_theta" in config else {}
    return {**older, **(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}


def _expect(config: Mapping[str, Any], name: str, *allowed: Any) -> None:
    value = config.get(name, allowed[0])
    if value not in allowed:
        raise StudioError(f"The model has '{name}' {value!r}, which is not known here; it may be {allowed[-1]!r}.")
