"""What a user asked a trainer for: everything needed to do it again."""

from typing import Literal

from pydantic import Field, JsonValue

from studio.api.frozen import Frozen


class Budget(Frozen):
    """When training ends: after `steps` or `seconds` of training, whichever comes first."""

    steps: int | None = Field(default=None, ge=1)
    seconds: float | None = Field(default=None, gt=0)


class TrainRequest(Frozen):
    """One run, asked for.

    Args:
        method: id of a generator card.
        dataset: id of a dataset, or a path to a folder of pictures or a text file.
        params: the method's parameters; what is absent has its default.
        inputs: other models that the method needs: slot name -> model reference.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        checkpoint_every: seconds between checkpoints.
        preview_every: seconds between previews (the first comes before the first step).
    """

    method: str
    dataset: str
    params: dict[str, JsonValue] = Field(default_factory=dict)
    inputs: dict[str, str] = Field(default_factory=dict)
    budget: Budget = Budget(steps=1000)
    batch_size: int = Field(default=64, ge=1)
    seed: int = Field(default=0, ge=0)
    device: str = "auto"
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "float32"
    checkpoint_every: float = Field(default=30.0, gt=0)
    preview_every: float = Field(default=5.0, gt=0)
    title: str = ""
