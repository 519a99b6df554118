"""The tokenizers that pretrained models come with, as the JSON rules of the `tokenizers` library, which the host can use."""

from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE

from studio.api.errors import StudioError
from studio.api.space import Tokens
from studio.api.weights import read_config

START, END = "<|startoftext|>", "<|endoftext|>"
WORDS = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
BLANK = "\u2581"


def read_tokenizer(folder: Path) -> Tokenizer:
    """The rules in "tokenizer.json", or those that "vocab.json" and "merges.txt" stand for in GPT-2's way, or in CLIP's.

    Raises:
        StudioError: there are none, or they cannot be read.
    """
    rules, vocabulary, merges = (folder / name for name in ("tokenizer.json", "vocab.json", "merges.txt"))
    try:
        if rules.is_file():
            return Tokenizer.from_str(rules.read_text("utf-8"))
        if vocabulary.is_file() and merges.is_file():
            return _from_pairs(read_config(vocabulary), merges.read_text("utf-8"))
    except StudioError:
        raise
    except Exception as error:  # the library raises nothing more special
        raise StudioError(f"The tokenizer in {folder} cannot be read ({str(error).splitlines()[0]}). Fetch it again.") from error
    raise StudioError(
        f"{folder} holds no tokenizer that can be read: neither tokenizer.json nor vocab.json with merges.txt. Of a model that "
        "has tokenizer.model only, choose a version with tokenizer.json."
    )


def _from_pairs(vocabulary: dict[str, int], merges: str) -> Tokenizer:
    lines = (line.split() for line in merges.splitlines() if not line.startswith("#version"))
    pairs = [(pair[0], pair[1]) for pair in lines if len(pair) == 2]
    return _clip(vocabulary, pairs) if START in vocabulary else _gpt2(vocabulary, pairs)


def _gpt2(vocabulary: dict[str, int], pairs: list[tuple[str, str]]) -> Tokenizer:
    """Source: Radford et al., Language Models are Unsupervised Multitask Learners, 2019, section 2.2."""
    tokenizer = Tokenizer(BPE(vocabulary, pairs))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    if END in vocabulary:
        tokenizer.add_special_tokens([AddedToken(END, special=True)])
    return tokenizer


def _clip(vocabulary: dict[str, int], pairs: list[tuple[str, str]]) -> Tokenizer:
    """Source: Radford et al., Learning Transferable Visual Models From Natural Language Supervision, 2021, section 2.4,
    https://arxiv.org/abs/2103.00020
    """
    tokenizer = Tokenizer(BPE(vocabulary, pairs, unk_token=END, end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(WORDS), "removed", invert=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.add_special_tokens([AddedToken(START, special=True), AddedToken(END, special=True)])
    ends = (END, vocabulary[END]), (START, vocabulary[START])
    tokenizer.post_processor = processors.RobertaProcessing(*ends, trim_offsets=False, add_prefix_space=False)
    return tokenizer


def named_token(folder: Path, name: str) -> str:
    """The text of a special token such as "pad_token" or "eos_token", empty where the tokenizer's settings name none.

    Where its two files differ, as in Stable Diffusion 2.1, the map is right.
    """
    for file in ("special_tokens_map.json", "tokenizer_config.json"):
        value: Any = read_config(folder / file).get(name) if (folder / file).is_file() else None
        if value:
            return str(value["content"] if isinstance(value, dict) else value)
    return ""


def symbol_of(tokenizer: Tokenizer, text: str) -> int:
    """The number of a special token; StudioError where there is no such token."""
    symbol = tokenizer.token_to_id(text)
    if symbol is None:
        raise StudioError(f"The tokenizer does not know the symbol {text!r}, which its settings name.")
    return symbol


def language_of(tokenizer: Tokenizer, vocab_size: int, length: int) -> Tokens:
    """The space of texts of at most `length` symbols; special symbols, and those beyond the tokenizer's own, are empty texts.

    Raises:
        StudioError: the tokenizer has more symbols than the model.
    """
    if tokenizer.get_vocab_size() > vocab_size:
        raise StudioError(f"The tokenizer has {tokenizer.get_vocab_size():,} symbols and the model knows {vocab_size:,}.")
    tokenizer.no_padding()
    tokenizer.no_truncation()
    rules = tokenizer.to_str()
    return Tokens(vocabulary=spell(tokenizer, rules, vocab_size), length=length, tokenizer=rules)


def words_of(tokenizer: Tokenizer, vocab_size: int, length: int, padding: str) -> Tokens:
    """Texts as rows of exactly `length` symbols, cut off or filled up with the symbol `padding`.

    Raises:
        StudioError: there is no such symbol.
    """
    tokenizer.enable_truncation(length)
    tokenizer.enable_padding(length=length, pad_id=symbol_of(tokenizer, padding), pad_token=padding)
    rules = tokenizer.to_str()
    return Tokens(vocabulary=spell(tokenizer, rules, vocab_size), length=length, tokenizer=rules)


def spell(tokenizer: Tokenizer, rules: str, vocab_size: int) -> tuple[str, ...]:
    """Each symbol as a string of bytes, byte k written as the character of that number."""
    by_bytes = '"ByteLevel"' in rules
    special = {place for place, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    spelled = [""] * vocab_size
    for symbol, place in tokenizer.get_vocab().items():
        if place not in special and place < vocab_size:
            spelled[place] = (_bytes_of(symbol) if by_bytes else _piece(symbol)).decode("latin-1")
    return tuple(spelled)


def _bytes_of(symbol: str) -> bytes:
    ending = symbol.replace("</w>", " ")
    return b"".join(bytes([ALPHABET[mark]]) if mark in ALPHABET else mark.encode() for mark in ending)


def _piece(symbol: str) -> bytes:
    if len(symbol) == 6 and symbol.startswith("<0x") and symbol.endswith(">"):
        return bytes([int(symbol[3:5], 16)])
    return symbol.replace(BLANK, " ").encode()


def _alphabet() -> dict[str, int]:
    """The visible character that stands for each byte: itself where it can be seen, or else one from 256 on."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    unseen = [byte for byte in range(256) if byte not in seen]
    return {chr(byte): byte for byte in seen} | {chr(256 + k): byte for k, byte in enumerate(unseen)}


ALPHABET = _alphabet()
