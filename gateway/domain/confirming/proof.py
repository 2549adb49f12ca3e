"""The ways in which a fee may be agreed to, and what each of them leaves behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from gateway.domain.people.assurance import Acr

INTENT_PREFIX: Final = b"lephi-fee-intent-v1\x00"


class ProofKind(StrEnum):
    """The name under which a proof is handed in."""

    DEVICE_KEY = "device-key"
    PASSKEY = "passkey"
    SECURE_PAYMENT = "secure-payment-confirmation"
    REMOTE_SIGNATURE = "remote-signature"
    OFFICER_TOKEN = "officer-token"  # noqa: S105


class Display(StrEnum):
    """Who drew what the payer read: our page, or the browser itself from what it signed."""

    PAGE = "page"
    BROWSER = "browser"


class ProverRole(StrEnum):
    """In which capacity somebody agrees; the intent says it, so the signature covers it."""

    PAYER = "payer"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One thing that was shown, when, and by which authenticator (an id, never a secret)."""

    name: str
    at: datetime
    authenticator: str

    def describe(self) -> dict[str, str]:
        return {"name": self.name, "at": self.at.isoformat(), "authenticator": self.authenticator}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofRule:
    """`assurance` is what portals are told; `least_acr` how the session must have been opened."""

    assurance: str
    role: ProverRole
    display: Display
    least_acr: Acr


# Signing in is a factor of its own in every kind: what signs may be in other hands.
PROOF_RULES: Final[Mapping[ProofKind, ProofRule]] = {
    ProofKind.DEVICE_KEY: ProofRule(
        assurance="password+totp+device-key",
        role=ProverRole.PAYER,
        display=Display.PAGE,
        least_acr=Acr.MFA,
    ),
    ProofKind.PASSKEY: ProofRule(
        assurance="passkey",
        role=ProverRole.PAYER,
        display=Display.PAGE,
        least_acr=Acr.MFA,
    ),
    ProofKind.SECURE_PAYMENT: ProofRule(
        assurance="secure-payment-confirmation",
        role=ProverRole.PAYER,
        display=Display.BROWSER,
        least_acr=Acr.MFA,
    ),
    ProofKind.REMOTE_SIGNATURE: ProofRule(
        assurance="remote-signature",
        role=ProverRole.PAYER,
        display=Display.PAGE,
        least_acr=Acr.MFA,
    ),
    ProofKind.OFFICER_TOKEN: ProofRule(
        assurance="officer-token",
        role=ProverRole.COUNTER,
        display=Display.PAGE,
        least_acr=Acr.MFA,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a check established. `material` is everything that an outsider needs to repeat it."""

    material: Mapping[str, Any]
    factors: tuple[Factor, ...]
    device_key_id: str | None = None


def intent_digest(intent_bytes: bytes) -> bytes:
    """What a WebAuthn authenticator signs as its challenge: no other use has this prefix."""
    return sha256(INTENT_PREFIX + intent_bytes).digest()
