"""Strict reading of what providers sign: one meaning, or a refusal."""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from chassis.canonical import load_json
from gateway.domain.callbacks.errors import CallbackMalformed, CallbackRefused

BODY_BYTES_MAX: Final = 65536
HEX_OF_SHA256: Final = 64
HEX_OF_SHA512: Final = 128
# A value that holds a whole further pair would read as two fields.
PAIR_INSIDE: Final = re.compile(r"&\w+=")


def read_object(body: bytes) -> Mapping[str, Any]:
    """The body as a JSON object: bounded, UTF-8, no key twice."""
    value = load_json(body, limit_bytes=BODY_BYTES_MAX)
    if not isinstance(value, dict):
        raise CallbackMalformed("the body is not an object")
    return value


def text_of(value: Any, name: str) -> str:
    """A signed field as the signer wrote it: text or a whole number, null as nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise CallbackMalformed(f"{name} is neither text nor a whole number")


def given_text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str):
        raise CallbackRefused(f"{name} is missing")
    return value


def texts_of(said: Mapping[str, Any], names: Sequence[str]) -> list[str]:
    missing = [name for name in names if name not in said]
    if missing:
        raise CallbackMalformed(f"{missing[0]} is missing")
    return [text_of(said[name], name) for name in names]


def joined_by_pipe(said: Mapping[str, Any], names: Sequence[str]) -> str:
    """Only the last field may hold a pipe: otherwise words could move from field to field."""
    texts = texts_of(said, names)
    if any("|" in text for text in texts[:-1]):
        raise CallbackMalformed("a field holds the character that divides fields")
    return "|".join(texts)


def joined_as_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    listed = list(pairs)
    if any(PAIR_INSIDE.search(text) for _name, text in listed):
        raise CallbackMalformed("a field holds what reads as another field")
    return "&".join(f"{name}={text}" for name, text in listed)


def encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise CallbackMalformed("it holds half a character") from error


def mac_hex(secret: str, message: bytes, digest: Callable[..., Any] = hashlib.sha256) -> str:
    return hmac.new(secret.encode(), message, digest).hexdigest()


def require_equal(given: str, wanted: str) -> None:
    """In constant time, whatever characters were given."""
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode()):
        raise CallbackRefused("the signature does not fit")
