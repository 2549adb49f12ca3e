"""What a plain form sends, read by ourselves: two short fields, or one file."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

FIELDS_MAX: Final = 10
HEAD_BYTES_MAX: Final = 2_000
BOUNDARY: Final = re.compile(r'boundary="?([A-Za-z0-9\'()+_,./:=?-]{1,70})"?\s*(?:;|$)')


def read_fields(raw: bytes) -> Mapping[str, str]:
    """Of `application/x-www-form-urlencoded`; what is no such form has no fields."""
    try:
        return dict(
            parse_qsl(raw.decode(), strict_parsing=True, errors="strict", max_num_fields=FIELDS_MAX)
        )
    except ValueError:
        return {}


def read_file(raw: bytes, content_type: str, *, name: str) -> bytes | None:
    """The one file of that field in `multipart/form-data` (RFC 7578); None when there is none."""
    kind, _, parameters = content_type.partition(";")
    found = BOUNDARY.search(parameters)
    if kind.strip().lower() != "multipart/form-data" or found is None:
        return None
    # The first boundary has no line before it.
    parts = (b"\r\n" + raw).split(b"\r\n--" + found[1].encode())
    if len(parts) > FIELDS_MAX or not parts[-1].startswith(b"--"):
        return None
    for part in parts[1:-1]:
        head, between, body = part.partition(b"\r\n\r\n")
        if between and len(head) <= HEAD_BYTES_MAX and _names(head, name):
            return body
    return None


def _names(head: bytes, name: str) -> bool:
    said = head.decode("utf-8", "replace").lower()
    return f'; name="{name}"' in said and "content-disposition: form-data" in said
