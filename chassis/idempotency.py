"""A caller's promise that a repeat is the same request.

The row that a POST creates keeps the caller's key (unique) and the fingerprint of the body. A
repeat is answered from that row as it was created; the same key with another body is refused.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from chassis.canonical import canonical_json, sha256_hex
from chassis.errors import Conflict


class KeyReused(Conflict):
    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "This Idempotency-Key was used for another request.",
            vi="Idempotency-Key này đã dùng cho một yêu cầu khác.",
            field="Idempotency-Key",
        )


def fingerprint(body: BaseModel | Mapping[str, Any]) -> str:
    """Equal for bodies that mean the same, however they were spelled."""
    value = body.model_dump(mode="json") if isinstance(body, BaseModel) else dict(body)
    return sha256_hex(canonical_json(value))
