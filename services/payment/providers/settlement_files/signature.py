"""A detached signature over a settlement file, by a key that the provider has given us.

RSA-PSS and ECDSA sign the file by its SHA-256; Ed25519, which would need the whole file in memory,
signs the 32 bytes of the SHA-256 itself.
"""

from binascii import Error, a2b_base64
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from chassis.keys import PublicKey, load_public_key, thumbprint

SIGNATURE_BYTES_MAX: Final = 1024


def check_signature(key: PublicKey, signature: bytes, digest: bytes) -> bool:
    """`digest` is the file's SHA-256; the signature may be raw or in Base64."""
    return any(_verifies(key, one, digest) for one in (signature, _base64(signature)) if one)


def key_path(keys_dir: Path, provider: str) -> Path:
    return keys_dir / "settlement" / f"{provider}.pub.pem"


def load_signing_key(keys_dir: Path, provider: str) -> tuple[PublicKey, str]:
    key = load_public_key(key_path(keys_dir, provider))
    return key, thumbprint(key)


def _verifies(key: PublicKey, signature: bytes, digest: bytes) -> bool:
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, digest)
        elif isinstance(key, EllipticCurvePublicKey):
            key.verify(signature, digest, ECDSA(Prehashed(SHA256())))
        else:
            key.verify(signature, digest, PSS(MGF1(SHA256()), PSS.AUTO), Prehashed(SHA256()))
    except InvalidSignature:
        return False
    return True


def _base64(signature: bytes) -> bytes | None:
    try:
        return a2b_base64(signature.strip(), strict_mode=True)
    except Error:
        return None
