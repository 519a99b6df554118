"""A node's key: equal keys mean equal results. It is hashed from its parents' keys, so a chain costs one hash per node."""

import json
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from typing import Any

from studio.api.errors import StudioError

Source = tuple[str, str]
_ENCODER = json.JSONEncoder(sort_keys=True, allow_nan=False)


def node_key(type: str, values: Mapping[str, Any], sources: Iterable[Source], identity: str = "") -> str:
    """The key of a node.

    Args:
        values: the settled values of its form.
        sources: (input port, key and output port of the parent) of each link into it.
        identity: what else the result depends on.

    Raises:
        StudioError: a value that JSON cannot hold.
    """
    try:
        text = _ENCODER.encode([type, values, sorted(sources), identity])
    except (TypeError, ValueError) as error:
        raise StudioError(f"A value of this node cannot be used: {error}. Enter it again.") from None
    return blake2b(text.encode(), digest_size=16).hexdigest()
