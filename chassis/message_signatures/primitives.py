"""The three ways to sign that are accepted, straight on `cryptography` (RFC 9421 section 3.3)."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.ec import (
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from chassis.keys import PrivateKey, PublicKey
from chassis.message_signatures.refusal import BadSignature

ED25519: Final = "ed25519"
ECDSA_P256: Final = "ecdsa-p256-sha256"
RSA_PSS: Final = "rsa-pss-sha512"
RSA_BITS_MIN: Final = 3072
P256_HALF_BYTES: Final = 32

_ECDSA: Final = ec.ECDSA(hashes.SHA256())
_PSS: Final = padding.PSS(mgf=padding.MGF1(hashes.SHA512()), salt_length=64)


def algorithm_of(key: PublicKey | PrivateKey) -> str:
    """The key decides the algorithm; a message never does."""
    if isinstance(key, Ed25519PublicKey | Ed25519PrivateKey):
        return ED25519
    if isinstance(key, EllipticCurvePublicKey | EllipticCurvePrivateKey):
        if key.curve.name == "secp256r1":
            return ECDSA_P256
    elif key.key_size >= RSA_BITS_MIN:
        return RSA_PSS
    raise BadSignature("the key is of a kind or size that is not accepted")


def check(algorithm: str, key: PublicKey, signature: bytes, base: bytes) -> None:
    """Raise BadSignature unless `signature` is the key's own over these bytes."""
    try:
        _CHECK[algorithm](key, signature, base)
    except InvalidSignature as error:
        raise BadSignature("it does not verify") from error


def sign(algorithm: str, key: PrivateKey, base: bytes) -> bytes:
    return _SIGN[algorithm](key, base)


def _check_ed25519(key: Any, signature: bytes, base: bytes) -> None:
    key.verify(signature, base)


def _check_ecdsa(key: Any, signature: bytes, base: bytes) -> None:
    """`r` and `s` as 32 bytes each; `cryptography` speaks DER."""
    if len(signature) != 2 * P256_HALF_BYTES:
        raise InvalidSignature
    r, s = (int.from_bytes(half) for half in (signature[:32], signature[32:]))
    key.verify(encode_dss_signature(r, s), base, _ECDSA)


def _check_pss(key: Any, signature: bytes, base: bytes) -> None:
    key.verify(signature, base, _PSS, hashes.SHA512())


def _sign_ed25519(key: Any, base: bytes) -> bytes:
    return bytes(key.sign(base))


def _sign_ecdsa(key: Any, base: bytes) -> bytes:
    r, s = decode_dss_signature(key.sign(base, _ECDSA))
    return r.to_bytes(P256_HALF_BYTES) + s.to_bytes(P256_HALF_BYTES)


def _sign_pss(key: Any, base: bytes) -> bytes:
    return bytes(key.sign(base, _PSS, hashes.SHA512()))


_CHECK: Final[Mapping[str, Callable[[Any, bytes, bytes], None]]] = {
    ED25519: _check_ed25519,
    ECDSA_P256: _check_ecdsa,
    RSA_PSS: _check_pss,
}
_SIGN: Final[Mapping[str, Callable[[Any, bytes], bytes]]] = {
    ED25519: _sign_ed25519,
    ECDSA_P256: _sign_ecdsa,
    RSA_PSS: _sign_pss,
}
