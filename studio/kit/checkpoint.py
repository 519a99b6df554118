"""A nested state as named tensors and plain JSON, and back: what safetensors can hold without pickle."""

from typing import Any, cast

import torch
from torch import Tensor

_TENSOR = "__tensor__"


def flatten(tree: Any) -> tuple[dict[str, Tensor], Any]:
    """Tensors by path, and the tree with each tensor replaced by its path.

    Example:
        >>> flatten({"a": [torch.zeros(2), 3]})[1]
        {'dict': [['a', {'list': [{'__tensor__': 'a/0'}, 3]}]]}
    """
    tensors: dict[str, Tensor] = {}
    return tensors, _flatten(tree, "", tensors)


def _flatten(tree: Any, path: str, tensors: dict[str, Tensor]) -> Any:
    if isinstance(tree, Tensor):
        tensors[path] = tree.detach().cpu().contiguous().clone()
        return {_TENSOR: path}
    if isinstance(tree, dict):
        pairs = cast("dict[Any, Any]", tree).items()
        return {"dict": [[key, _flatten(value, _join(path, key), tensors)] for key, value in pairs]}
    if isinstance(tree, list | tuple):
        parts = enumerate(cast("list[Any]", tree))
        return {"list": [_flatten(value, _join(path, k), tensors) for k, value in parts]}
    return tree


def _join(path: str, key: Any) -> str:
    part = str(key).replace("%", "%25").replace("/", "%2F")
    return f"{path}/{part}" if path else part


def unflatten(skeleton: Any, tensors: dict[str, Tensor]) -> Any:
    """The tree that `flatten` took apart; tuples come back as lists."""
    if not isinstance(skeleton, dict):
        return skeleton
    node = cast("dict[str, Any]", skeleton)
    if _TENSOR in node:
        return tensors[node[_TENSOR]]
    if "list" in node:
        return [unflatten(value, tensors) for value in node["list"]]
    return {key: unflatten(value, tensors) for key, value in node["dict"]}


def random_state() -> dict[str, Any]:
    """The state of torch's global random numbers, on every device in use."""
    state: dict[str, Any] = {"cpu": torch.get_rng_state()}
    return state | ({"cuda": torch.cuda.get_rng_state_all()} if torch.cuda.is_available() else {})


def set_random_state(state: dict[str, Any]) -> None:
    """Put back what `random_state` gave."""
    torch.set_rng_state(state["cpu"])
    if "cuda" in state and torch.cuda.is_available():
        torch.cuda.set_rng_state_all(state["cuda"])
