"""Signatures by registered keys: raw ones over bytes, and the two JWS shapes in use."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Collection
from typing import Any, Final

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from deploy.verifier.anchors import Jwk
from deploy.verifier.encodings import from_base64url, json_object, text_at
from deploy.verifier.verdict import Broken, require

HALF_BYTES: Final = 32
RSA_BITS_MIN: Final = 3072
MEMBERS: Final = {
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "RSA": ("e", "kty", "n"),
}
PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey


def thumbprint(jwk: Jwk) -> str:
    """RFC 7638."""
    members = MEMBERS.get(str(jwk.get("kty")))
    if members is None or any(not isinstance(jwk.get(name), str) for name in members):
        raise Broken("a key is of no kind that is used here")
    spelled = rfc8785.dumps({name: jwk[name] for name in members})
    return urlsafe_b64encode(hashlib.sha256(spelled).digest()).rstrip(b"=").decode()


def require_signature(algorithm: str, jwk: Jwk, signature: bytes, signed: bytes) -> None:
    """The algorithm must be the one of the key: whoever forges may not choose another."""
    key = _public_key(jwk)
    try:
        if algorithm == "ed25519" and isinstance(key, Ed25519PublicKey):
            key.verify(signature, signed)
            return
        if algorithm == "ecdsa-p256-sha256" and isinstance(key, EllipticCurvePublicKey):
            require(len(signature) == 2 * HALF_BYTES, "the signature has the wrong length")
            r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
            key.verify(encode_dss_signature(r, s), signed, ECDSA(hashes.SHA256()))
            return
        if algorithm == "rsa-pss-sha512" and isinstance(key, RSAPublicKey):
            require(key.key_size >= RSA_BITS_MIN, "the key is too short")
            digest = hashes.SHA512()
            padding = PSS(mgf=MGF1(digest), salt_length=digest.digest_size)
            key.verify(signature, signed, padding, digest)
            return
    except InvalidSignature as error:
        raise Broken("the signature does not fit what it should be over") from error
    raise Broken(f"{algorithm} is not an algorithm of this key")


def open_jws(jws: str, members: Collection[str]) -> tuple[dict[str, Any], bytes, bytes, str]:
    """Header, payload as it stands, signature, and the protected part, for ES256 only."""
    parts = jws.split(".")
    require(len(parts) == 3, "it is not a JWS in compact form")
    header = json_object(from_base64url(parts[0], "the JWS header"), "the JWS header")
    require(header.keys() == set(members), "the JWS header has other members than agreed")
    require(header["alg"] == "ES256", "the JWS is not signed by ES256")
    signature = from_base64url(parts[2], "the JWS signature")
    return header, parts[1].encode(), signature, parts[0]


def require_attached(jws: str, payload: bytes, *, typ: str, keys: Any) -> str:
    """A JWS that carries `payload` itself, by one of the keys; says which."""
    header, carried, signature, protected = open_jws(jws, ("alg", "kid", "typ"))
    kid = text_at(header, "kid", "the JWS header")
    require(header["typ"] == typ, f"the JWS is not of type {typ}")
    require(kid in keys, "the JWS is signed by a key we do not know")
    require(thumbprint(keys[kid]) == kid, "a trusted key is filed under a wrong name")
    signed = from_base64url(carried.decode(), "the JWS payload")
    require(signed == payload, "the JWS is over something else")
    require_signature("ecdsa-p256-sha256", keys[kid], signature, f"{protected}.".encode() + carried)
    return kid


def require_detached(jws: str, payload: bytes, *, typ: str, jwk: Jwk) -> str:
    """A JWS whose payload stands elsewhere, unencoded (RFC 7797)."""
    header, carried, signature, protected = open_jws(jws, ("alg", "b64", "crit", "kid", "typ"))
    require(header["b64"] is False and header["crit"] == ["b64"], "the JWS is not detached")
    require(header["typ"] == typ, f"the JWS is not of type {typ}")
    require(carried == b"", "the JWS is not detached")
    kid = thumbprint(jwk)
    require(header["kid"] == kid, "the JWS names another key than the enrolled one")
    require_signature("ecdsa-p256-sha256", jwk, signature, f"{protected}.".encode() + payload)
    return kid


def _public_key(jwk: Jwk) -> PublicKey:
    thumbprint(jwk)  # Refuses what has not the members of its kind.
    kind = (jwk["kty"], jwk.get("crv"))
    numbers = {
        name: from_base64url(jwk[name], "a key") for name in ("x", "y", "e", "n") if name in jwk
    }
    try:
        if kind == ("OKP", "Ed25519"):
            return Ed25519PublicKey.from_public_bytes(numbers["x"])
        if kind == ("EC", "P-256"):
            x, y = int.from_bytes(numbers["x"]), int.from_bytes(numbers["y"])
            return EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
        if kind == ("RSA", None):
            e, n = int.from_bytes(numbers["e"]), int.from_bytes(numbers["n"])
            return RSAPublicNumbers(e, n).public_key()
    except ValueError as error:
        raise Broken("a key is no key of its kind") from error
    raise Broken("a key is of no kind that is used here")
