"""The TLS client certificate, as our own terminator says it: an authenticated hop or nothing."""

import binascii
from base64 import b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import Final
from urllib.parse import unquote

from starlette.types import Scope

from gateway.domain.machines.errors import DuplicateHeader
from gateway.routes.sources import Networks, is_within

PEM_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
PEM_END: Final = "-----END CERTIFICATE-----"


def take_certificate(scope: Scope, *, header: str, terminators: Networks) -> str | None:
    """x5t#S256 of the certificate, and no such header afterwards, whoever sent it.

    `header` empty is off. The value is RFC 9440's `:base64:` or a PEM with percent escapes.
    """
    if not header:
        return None
    name = header.lower().encode("ascii")
    given = [value for key, value in scope["headers"] if key.lower() == name]
    scope["headers"] = [(key, value) for key, value in scope["headers"] if key.lower() != name]
    client = scope.get("client")
    if not given or client is None or not is_within(str(client[0]), terminators):
        return None
    if len(given) > 1:
        raise DuplicateHeader(header.lower())
    der = _der(given[0].decode("latin-1").strip())
    return None if der is None else urlsafe_b64encode(sha256(der).digest()).rstrip(b"=").decode()


def _der(value: str) -> bytes | None:
    if len(value) > 2 and value[0] == value[-1] == ":":
        inner = value[1:-1]
    else:
        pem = unquote(value).strip()
        if not pem.startswith(PEM_BEGIN) or not pem.endswith(PEM_END):
            return None
        inner = "".join(pem[len(PEM_BEGIN) : -len(PEM_END)].split())
    try:
        return b64decode(inner, validate=True) or None
    except (binascii.Error, ValueError):
        return None
