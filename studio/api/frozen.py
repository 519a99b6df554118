"""The one base of every plain fact that crosses a file, a process or a plugin boundary."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable, strictly validated value: no unknown fields, no NaN, bytes as base64 in JSON."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        ser_json_bytes="base64",
        val_json_bytes="base64",
        protected_namespaces=(),
    )
