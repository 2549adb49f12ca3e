"""Passkeys (WebAuthn level 3): what we ask a browser for, and what we keep of its answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from gateway.domain.people.account import Account

PASSKEY_CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
PASSKEYS_MAX: Final = 10
# COSE algorithms (RFC 9053), the preferred one first: ES256, EdDSA, RS256.
ALGORITHMS: Final = (-7, -8, -257)
TRANSPORTS: Final = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})
HANDLE_SECTOR: Final = "urn:lephi:passkeys"


class ChallengePurpose(StrEnum):
    REGISTRATION = "registration"
    LOGIN = "login"


@dataclass(frozen=True, slots=True, kw_only=True)
class RelyingParty:
    """Who we are towards an authenticator. `id` is a domain, `origin` our exact address."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """`id` is the credential's id in base64url; `public_key` is a COSE key (RFC 9052)."""

    id: str
    user_id: UUID
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    aaguid: str
    backup_eligible: bool
    backed_up: bool
    payment: bool
    name: str
    created_at: datetime
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyChallenge:
    """`text` is the challenge in base64url. Nobody is named when a login begins."""

    text: str
    purpose: ChallengePurpose
    user_id: UUID | None
    payment: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationResult:
    credential_id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    aaguid: str
    backup_eligible: bool
    backed_up: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionResult:
    """A verified answer; the three byte strings are what verifying it again takes."""

    credential_id: str
    sign_count: int
    user_verified: bool
    backed_up: bool
    client_data_json: bytes
    authenticator_data: bytes
    signature: bytes


def user_handle(account: Account) -> str:
    """What an authenticator files the account under: opaque, and told to nobody else."""
    return account.pairwise_id(HANDLE_SECTOR)


def creation_options(
    party: RelyingParty,
    account: Account,
    challenge: PasskeyChallenge,
    *,
    known: Iterable[Passkey],
) -> Mapping[str, Any]:
    """For `PublicKeyCredential.parseCreationOptionsFromJSON`."""
    extensions: dict[str, Any] = {"credProps": True}
    if challenge.payment:
        extensions["payment"] = {"isPayment": True}
    return {
        "rp": {"id": party.id, "name": party.name},
        "user": {
            "id": user_handle(account),
            "name": account.username,
            "displayName": account.full_name,
        },
        "challenge": challenge.text,
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in ALGORITHMS],
        "timeout": _milliseconds(),
        "excludeCredentials": [descriptor(one) for one in known],
        "authenticatorSelection": {
            "residentKey": "preferred",
            "requireResidentKey": False,
            "userVerification": "required",
        },
        "attestation": "none",
        "extensions": extensions,
    }


def request_options(
    party: RelyingParty, challenge: str, *, known: Iterable[Passkey] = ()
) -> Mapping[str, Any]:
    """For `PublicKeyCredential.parseRequestOptionsFromJSON`; none known: the person chooses."""
    return {
        "challenge": challenge,
        "rpId": party.id,
        "timeout": _milliseconds(),
        "allowCredentials": [descriptor(one) for one in known],
        "userVerification": "required",
    }


def descriptor(passkey: Passkey) -> Mapping[str, Any]:
    return {"type": "public-key", "id": passkey.id, "transports": list(passkey.transports)}


def _milliseconds() -> int:
    return int(PASSKEY_CHALLENGE_LIFETIME.total_seconds() * 1000)
