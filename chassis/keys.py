"""Keys from files, parsed once and held; their names by RFC 7638."""

from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from chassis.canonical import canonical_json, sha256_hex

PrivateKey = EllipticCurvePrivateKey | Ed25519PrivateKey | RSAPrivateKey
PublicKey = EllipticCurvePublicKey | Ed25519PublicKey | RSAPublicKey

_THUMBPRINT_MEMBERS = {
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
    "RSA": ("e", "kty", "n"),
}


def load_private_key(path: Path) -> PrivateKey:
    key = load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, PrivateKey):
        raise TypeError(f"{path.name} holds a kind of key that is not used here")
    return key


def load_public_key(path: Path) -> PublicKey:
    key = load_pem_public_key(path.read_bytes())
    if not isinstance(key, PublicKey):
        raise TypeError(f"{path.name} holds a kind of key that is not used here")
    return key


def public_jwk(key: PublicKey) -> dict[str, str]:
    """Only the members that make the key, as RFC 7638 names them."""
    if isinstance(key, EllipticCurvePublicKey):
        full: dict[str, Any] = ECAlgorithm.to_jwk(key, as_dict=True)
    elif isinstance(key, Ed25519PublicKey):
        full = OKPAlgorithm.to_jwk(key, as_dict=True)
    else:
        full = RSAAlgorithm.to_jwk(key, as_dict=True)
    return {name: str(full[name]) for name in _THUMBPRINT_MEMBERS[full["kty"]]}


def key_of_jwk(jwk: dict[str, Any]) -> PublicKey:
    """The public key of a JWK; raises ValueError when it is not one."""
    try:
        key = jwt.PyJWK.from_dict({**jwk, "alg": _ALGORITHM[(jwk["kty"], jwk.get("crv"))]}).key
    except (jwt.PyJWTError, KeyError, TypeError) as error:
        raise ValueError("not a public key in JWK form") from error
    if not isinstance(key, PublicKey):
        raise ValueError("not a public key")
    return key


def thumbprint(key: PublicKey) -> str:
    """RFC 7638, SHA-256, base64url without padding."""
    digest = bytes.fromhex(sha256_hex(canonical_json(public_jwk(key))))
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


_ALGORITHM = {("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA", ("RSA", None): "PS512"}
