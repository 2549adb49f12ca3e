"""Detached JWS with the signer's certificates in x5c (RFC 7515, 4.1.6 and RFC 7797)."""

from base64 import b64decode, urlsafe_b64decode
from binascii import Error as Base64Error
from dataclasses import dataclass
from typing import Any, Final

from chassis.canonical import load_json
from chassis.errors import Malformed
from gateway.authentication.confirming.algorithms import CURVES, der_of_raw
from gateway.domain.confirming.errors import ProofMalformed

TYPE: Final = "lephi-fee-intent+jws"
LENGTH_MAX: Final = 32 * 1024
CHAIN_MAX: Final = 5
# Anything more could smuggle in a key or another way to check.
MEMBERS: Final = frozenset({"alg", "b64", "crit", "typ", "x5c"})


@dataclass(frozen=True, slots=True)
class Claimed:
    """A signature as it came, before anything in it is believed; certificates in DER."""

    algorithm: str
    certificates: tuple[bytes, ...]
    signature: bytes
    signed: bytes


def read_certified_jws(jws: str, payload: bytes) -> Claimed:
    if len(jws) > LENGTH_MAX or not jws.isascii() or jws.count(".") != 2:
        raise ProofMalformed("it is not a JWS in compact form")
    encoded, carried, signature = jws.split(".")
    if carried:
        raise ProofMalformed("its payload must be detached")
    header = _header(encoded)
    raw = _decode(signature)
    name = str(header["alg"])
    return Claimed(
        algorithm=name,
        certificates=tuple(_certificates(header["x5c"])),
        signature=der_of_raw(name, raw) if name in CURVES else raw,
        signed=encoded.encode() + b"." + payload,
    )


def _header(encoded: str) -> dict[str, Any]:
    try:
        header = load_json(_decode(encoded))
    except Malformed as error:
        raise ProofMalformed("its header cannot be read") from error
    if not isinstance(header, dict) or header.keys() != MEMBERS:
        raise ProofMalformed("its header must hold alg, b64, crit, typ and x5c, nothing else")
    for name, value in {"b64": False, "crit": ["b64"], "typ": TYPE}.items():
        if header[name] != value:
            raise ProofMalformed(f"{name} is not the one required")
    return header


def _certificates(x5c: Any) -> list[bytes]:
    if not isinstance(x5c, list) or not 1 <= len(x5c) <= CHAIN_MAX:
        raise ProofMalformed(f"x5c must hold one to {CHAIN_MAX} certificates")
    try:
        return [b64decode(one, validate=True) for one in x5c]
    except (Base64Error, TypeError, ValueError) as error:
        raise ProofMalformed("x5c cannot be read") from error


def _decode(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError) as error:
        raise ProofMalformed("it is not base64url") from error
