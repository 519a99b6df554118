"""The text encoders of a pipeline from elsewhere, and the words it knows."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import StudioError, Tokens
from studio.kit.called_network import CalledNetwork
from studio.kit.pretrained_tokenizer import END, named_token, read_tokenizer, symbol_of, words_of

from .pipeline_folder import Pipeline
from .pipeline_parts import text_config


class TextReader(nn.Module):
    """CLIP's text encoder, or the two of XL; rows of symbols -> what the denoiser looks at, for XL with a row for the whole text.

    Attributes:
        words: what prompts are written in.
        width: size of a word's vector.
    """

    def __init__(self, pipeline: Pipeline, encoders: Sequence[CalledNetwork]) -> None:
        super().__init__()
        self.large = pipeline.large
        self.encoders = nn.ModuleList(encoders)
        configs = [text_config(pipeline, part) for part in pipeline.encoders]
        self.words, self.paddings = self._rules(pipeline, configs[0])
        self.width = sum(config["hidden_size"] for config in configs)
        self.pooled_width = configs[-1]["projection_dim"] if self.large else 0

    def _rules(self, pipeline: Pipeline, config: dict[str, int]) -> tuple[Tokens, list[int]]:
        folders = [pipeline.folder / part.replace("text_encoder", "tokenizer") for part in pipeline.encoders]
        readers = [read_tokenizer(folder) for folder in folders]
        paddings = [named_token(folder, "pad_token") or END for folder in folders]
        if any(reader.get_vocab() != readers[0].get_vocab() for reader in readers):
            raise StudioError("Its two text encoders read different symbols, which is not known here.")
        symbols = [symbol_of(reader, padding) for reader, padding in zip(readers, paddings, strict=True)]
        self.end = symbol_of(readers[0], END)
        return words_of(readers[0], config["vocab_size"], config["max_position_embeddings"], paddings[0]), symbols

    def forward(self, words: Tensor) -> Tensor:
        """(n, t) -> (n, t, width), for XL (n, t + 1, width)."""
        if not self.large:
            return self.encoders[0](words)[0]
        (first,), (second, whole) = (
            encoder(self._refilled(words, padding)) for encoder, padding in zip(self.encoders, self.paddings, strict=True)
        )
        whole = F.pad(whole, (0, self.width - self.pooled_width))
        return torch.cat([torch.cat([first, second], dim=2), whole[:, None]], dim=1)

    def _refilled(self, words: Tensor, padding: int) -> Tensor:
        """The same text, filled up with another symbol after its end."""
        ends = (words == self.end).long()
        return torch.where(ends.cumsum(1) - ends > 0, padding, words)
