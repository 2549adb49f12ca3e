"""One way to write JSON, one strict way to read it, and the digests over both."""

import hashlib
import json
from base64 import b64encode
from typing import Any

import rfc8785

from chassis.errors import Malformed

DEPTH_MAX = 32


class UnreadableJson(Malformed):
    code = "unreadable_json"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The body is not acceptable JSON: {reason}.",
            vi=f"Nội dung JSON không hợp lệ: {reason}.",
        )


def canonical_json(value: Any) -> bytes:
    """The one spelling that RFC 8785 gives this value; two equal values have equal bytes."""
    return rfc8785.dumps(value)


def load_json(raw: bytes, *, limit_bytes: int = 65536) -> Any:
    """Read JSON that means the same to every parser: no repeated keys, no NaN, UTF-8 only."""
    if len(raw) > limit_bytes:
        raise UnreadableJson(f"longer than {limit_bytes} bytes")
    try:
        value = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_no_constant
        )
    # ValueError also for a number of more digits than Python reads.
    except (ValueError, RecursionError) as error:
        raise UnreadableJson(type(error).__name__) from error
    _check_depth(value, DEPTH_MAX)
    return value


def sha256_hex(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def content_digest(raw: bytes) -> str:
    """The value of the Content-Digest header (RFC 9530)."""
    return f"sha-256=:{b64encode(hashlib.sha256(raw).digest()).decode()}:"


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise UnreadableJson("a key appears twice")
    return value


def _no_constant(name: str) -> Any:
    raise UnreadableJson(f"{name} is not a number")


def _check_depth(value: Any, left: int) -> None:
    if left == 0:
        raise UnreadableJson(f"nested deeper than {DEPTH_MAX}")
    if isinstance(value, dict):
        for inner in value.values():
            _check_depth(inner, left - 1)
    elif isinstance(value, list):
        for inner in value:
            _check_depth(inner, left - 1)
