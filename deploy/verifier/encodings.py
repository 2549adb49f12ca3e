"""Readers that accept one spelling of a value and no other, so that a changed byte cannot hide."""

import hashlib
import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

import rfc8785

from deploy.verifier.verdict import Broken, require


def sha256_hex(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def from_base64(text: str | None, what: str) -> bytes:
    try:
        raw = b64decode(text or "", validate=True)
    except ValueError as error:
        raise Broken(f"{what} is not base64") from error
    require(b64encode(raw).decode() == text, f"{what} is spelled in another way than issued")
    return raw


def from_base64url(text: str, what: str) -> bytes:
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Broken(f"{what} is not base64url") from error
    spelled = urlsafe_b64encode(raw).rstrip(b"=").decode()
    require(spelled == text, f"{what} is spelled in another way than issued")
    return raw


def json_object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Broken(f"{what} is not JSON") from error
    if not isinstance(value, dict):
        raise Broken(f"{what} is not a JSON object")
    return value


def canonical_object(raw: bytes, what: str) -> dict[str, Any]:
    """Strict: the bytes must be the RFC 8785 spelling of what they say."""
    value = json_object(raw, what)
    try:
        spelled = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise Broken(f"{what} cannot be written canonically") from error
    require(spelled == raw, f"{what} is not in canonical form (RFC 8785)")
    return value


def text_at(value: dict[str, Any], name: str, what: str) -> str:
    found = value.get(name)
    if not isinstance(found, str):
        raise Broken(f"{what} has no text {name}")
    return found


def object_at(value: dict[str, Any], name: str, what: str) -> dict[str, Any]:
    found = value.get(name)
    if not isinstance(found, dict):
        raise Broken(f"{what} has no object {name}")
    return found


def instant_at(value: dict[str, Any], name: str, what: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text_at(value, name, what))
    except ValueError as error:
        raise Broken(f"{what} has no time {name}") from error
    require(instant.tzinfo is not None, f"{what} says no zone in {name}")
    return instant


def whole_at(value: dict[str, Any], name: str, what: str) -> int:
    """Amounts that are signed are text: numbers in JSON lose digits on their way."""
    text = text_at(value, name, what)
    require(text.isascii() and text.isdigit(), f"{what} has no whole number {name}")
    return int(text)
