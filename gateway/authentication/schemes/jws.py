"""A JWS over the raw body in a header, by a registered key: for banks that cannot do RFC 9421.

Detached (RFC 7515 appendix F, or RFC 7797 with `b64` false) or compact with the very body inside.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jwt.algorithms import get_default_algorithms

from chassis.canonical import load_json
from chassis.errors import Malformed
from chassis.keys import PublicKey, key_of_jwk, thumbprint
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.errors import CallbackMalformed, CallbackRefused
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.registration import SIGNATURE_HEADER, EvidenceLevel

TYPE: Final = "lephi-callback+jws"
LENGTH_MAX: Final = 12_288
AGE_SECONDS_MAX: Final = 60
AHEAD_SECONDS_MAX: Final = 10
RSA_BITS_MIN: Final = 3072
# Anything more could smuggle in a key or another way to check.
MEMBERS: Final = frozenset({"alg", "kid", "typ", "iat"})
NUMBERS: Final = frozenset({"jti", "nonce"})
UNENCODED: Final[Mapping[str, Any]] = {"b64": False, "crit": ["b64"]}
NONCE: Final = re.compile(r"[\x21-\x7e]{22,128}")
_ALGORITHMS: Final = get_default_algorithms()


def verify(parts: Parts, material: Material) -> Proof:
    jws = parts.one(material.header)
    encoded_header, payload, signature = _split(jws)
    header = _header(encoded_header)
    try:
        key = key_of_jwk(dict(material.public_jwk))
    except ValueError as error:
        raise CallbackRefused("the key is of a kind or size that is not accepted") from error
    if header["alg"] != _algorithm_of(key) or header["kid"] != thumbprint(key):
        raise CallbackRefused("the key is of another kind or name")
    _check_window(header["iat"], parts)
    if payload and _decoded(payload) != parts.body:
        raise CallbackRefused("its payload is not the body")
    is_plain = "b64" in header
    if payload and is_plain:
        raise CallbackRefused("an unencoded payload must be detached")
    signed = parts.body if is_plain else _encoded(parts.body)
    base = encoded_header.encode() + b"." + signed
    if not _ALGORITHMS[header["alg"]].verify(base, key, _decoded(signature)):
        raise CallbackRefused("the signature does not fit")
    return Proof(
        base=base,
        signature=jws,
        nonce=header.get("jti") or header.get("nonce"),
    )


def key_id(parts: Parts, header: str) -> str:
    """Which registered key the sender says it used; proves nothing yet."""
    return str(_header(_split(parts.one(header))[0])["kid"])


def _split(jws: str) -> tuple[str, str, str]:
    if len(jws) > LENGTH_MAX or jws.count(".") != 2 or not jws.isascii():
        raise CallbackMalformed("it is not a JWS in compact form")
    header, payload, signature = jws.split(".")
    return header, payload, signature


def _header(encoded: str) -> Mapping[str, Any]:
    try:
        header = load_json(_decoded(encoded))
    except Malformed as error:
        raise CallbackMalformed("the header of the JWS cannot be read") from error
    if not isinstance(header, dict) or len(header.keys() & NUMBERS) != 1:
        raise CallbackRefused("the header of the JWS must hold one of jti and nonce")
    others = header.keys() - NUMBERS
    if others not in (MEMBERS, MEMBERS | UNENCODED.keys()) or header["typ"] != TYPE:
        raise CallbackRefused("the header of the JWS has other members than it must")
    if "b64" in others and (header["b64"] is not False or header["crit"] != UNENCODED["crit"]):
        raise CallbackRefused("b64 and crit are not those that are accepted")
    nonce = header.get("jti", header.get("nonce"))
    if not isinstance(nonce, str) or not NONCE.fullmatch(nonce):
        raise CallbackRefused("jti or nonce is too short or too long")
    if not isinstance(header["kid"], str) or not isinstance(header["alg"], str):
        raise CallbackRefused("kid or alg is not text")
    return header


def _check_window(issued: Any, parts: Parts) -> None:
    if not isinstance(issued, int) or isinstance(issued, bool):
        raise CallbackRefused("iat is not a whole number of seconds")
    now = parts.received_at.timestamp()
    if not now - AGE_SECONDS_MAX <= issued <= now + AHEAD_SECONDS_MAX:
        raise CallbackRefused("it is too old or lies in the future")


def _algorithm_of(key: PublicKey) -> str:
    """The key decides the algorithm; a message never does."""
    if isinstance(key, Ed25519PublicKey):
        return "EdDSA"
    if isinstance(key, EllipticCurvePublicKey):
        if key.curve.name == "secp256r1":
            return "ES256"
    elif key.key_size >= RSA_BITS_MIN:
        return "PS512"
    raise CallbackRefused("the key is of a kind or size that is not accepted")


def _encoded(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")


def _decoded(text: str) -> bytes:
    """Only the one spelling: a last letter with spare bits would be a second one."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError) as error:
        raise CallbackMalformed("a part of the JWS is not base64url") from error
    if _encoded(raw) != text.encode():
        raise CallbackMalformed("a part of the JWS is not base64url")
    return raw


SCHEME = Scheme(
    name="jws",
    level=EvidenceLevel.P2,
    places=(Place(Where.HEADER, SIGNATURE_HEADER),),
    verify=verify,
    names_key=key_id,
)
