"""Whom a signature names, and by which algorithm it is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SignatureAlgorithm(StrEnum):
    ECDSA_P256_SHA256 = "ecdsa-p256-sha256"
    RSA_SHA256 = "rsa-sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningIdentity:
    """`certificate` and `chain` (from the issuer upwards, without the root) are DER."""

    holder: str
    algorithm: SignatureAlgorithm
    certificate: bytes
    chain: Sequence[bytes] = ()
    valid_from: datetime
    valid_to: datetime
