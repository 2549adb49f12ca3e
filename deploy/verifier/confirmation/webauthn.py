"""What an authenticator signed (WebAuthn level 3, section 7.2), with the key the gateway kept."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any, Final
from urllib.parse import urlsplit

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers

from deploy.verifier.confirmation.proof import Proof
from deploy.verifier.encodings import json_object, text_at
from deploy.verifier.verdict import Broken, require

PREFIX: Final = b"lephi-fee-intent-v1\x00"
PRESENT: Final = 0x01
VERIFIED: Final = 0x04
HEAD_BYTES: Final = 37
ES256, EDDSA, RS256 = -7, -8, -257
RSA_BITS_MIN: Final = 2048


def check_assertion(proof: Proof, *, kind: str) -> dict[str, Any]:
    """The client data, once everything around it is found to be as it must be."""
    raw, authenticator = proof.raw("client_data"), proof.raw("authenticator_data")
    client_data = json_object(raw, "the client data")
    require(client_data.get("type") == kind, "the client data was made for something else")
    digest = hashlib.sha256(PREFIX + proof.intent_bytes).digest()
    challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
    require(client_data.get("challenge") == challenge, "the passkey agreed to something else")
    origin = text_at(proof.intent, "aud", "the intent")
    require(client_data.get("origin") == origin, "the passkey was used on another site")
    require(not client_data.get("crossOrigin"), "the passkey was used inside another site's page")
    require(len(authenticator) >= HEAD_BYTES, "the authenticator data is too short")
    require(authenticator[:32] in site_digests(origin), "the passkey is of another site")
    flags = authenticator[32]
    require(bool(flags & PRESENT), "nobody was present")
    require(bool(flags & VERIFIED), "the person was not verified")
    signed = authenticator + hashlib.sha256(raw).digest()
    _require_cose_signature(proof.raw("cose_key"), proof.raw("signature"), signed)
    return client_data


def site_digests(origin: str) -> set[bytes]:
    """Of the host and the domains above it: a relying party may be any of them but the last."""
    labels = (urlsplit(origin).hostname or "").split(".")
    most = max(1, len(labels) - 1)
    names = {".".join(labels[start:]) for start in range(most)}
    return {hashlib.sha256(name.encode()).digest() for name in names}


def _require_cose_signature(cose_key: bytes, signature: bytes, signed: bytes) -> None:
    try:
        key = cbor2.loads(cose_key)
        # One spelling only: a changed byte must not hide in another one.
        require(isinstance(key, dict) and cbor2.dumps(key) == cose_key, "the key is not canonical")
        _verify(key, signature, signed)
    except InvalidSignature as error:
        raise Broken("the passkey's signature does not fit") from error
    except (cbor2.CBORError, ValueError, TypeError, KeyError) as error:
        raise Broken("the passkey's key cannot be read") from error


def _verify(key: dict[int, Any], signature: bytes, signed: bytes) -> None:
    algorithm = key[3]
    if algorithm == ES256 and (key[1], key[-1]) == (2, 1):
        x, y = int.from_bytes(key[-2]), int.from_bytes(key[-3])
        point = EllipticCurvePublicNumbers(x, y, SECP256R1()).public_key()
        point.verify(signature, signed, ECDSA(hashes.SHA256()))
    elif algorithm == EDDSA and (key[1], key[-1]) == (1, 6):
        Ed25519PublicKey.from_public_bytes(key[-2]).verify(signature, signed)
    elif algorithm == RS256 and key[1] == 3:
        modulus, exponent = int.from_bytes(key[-1]), int.from_bytes(key[-2])
        require(modulus.bit_length() >= RSA_BITS_MIN, "the passkey's key is too short")
        RSAPublicNumbers(exponent, modulus).public_key().verify(
            signature, signed, PKCS1v15(), hashes.SHA256()
        )
    else:
        raise Broken("the passkey's key is of no kind that counts")
