"""How the configured signers stand, and whether each one signs: for those who look after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import httpx
from cryptography import x509

from chassis.clock import Clock
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.providers.signers.certificates import require_fits
from services.receipt.providers.signers.configured_signers import (
    ConfiguredSigners,
    SignerStanding,
)

# Says of itself what it is, should anybody ever find it signed.
PROBE: Final = b"lephi signers check: this is no receipt"
FIRST_NOTICE_DAYS, WARNED_DAYS, URGENT_DAYS = 60, 30, 7


class Warned(StrEnum):
    NO = ""
    SOON = "ends within 60 days"
    WARNING = "ends within 30 days"
    URGENT = "ENDS WITHIN 7 DAYS"
    OVER = "HAS ENDED"

    @classmethod
    def of(cls, days: int | None) -> "Warned":
        if days is None or days > FIRST_NOTICE_DAYS:
            return cls.NO
        if days < 0:
            return cls.OVER
        if days <= URGENT_DAYS:
            return cls.URGENT
        return cls.WARNING if days <= WARNED_DAYS else cls.SOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """`works` is None where nobody tried it; `why_not` names no secret."""

    standing: SignerStanding
    days: int | None
    works: bool | None = None
    why_not: str | None = None

    @property
    def warned(self) -> Warned:
        return Warned.of(self.days)

    def said(self) -> dict[str, Any]:
        standing, identity = self.standing, self.standing.identity
        return {
            "name": standing.name,
            "kind": standing.kind,
            "agencies": list(standing.agencies),
            "from": _instant(standing.since),
            "until": _instant(standing.until),
            "in_use_for": list(standing.signs_for),
            "subject": _subject(identity.certificate) if identity else None,
            "certificates_between": len(identity.chain) if identity else None,
            "certificate_ends": _instant(identity.valid_to) if identity else None,
            "days_left": self.days,
            "warning": self.warned.value or None,
            "works": self.works,
            "why_not": self.why_not,
        }


async def look_at_signers(folder: Path, *, clock: Clock, tried: bool) -> Sequence[Looked]:
    """Raises BadSignersFile. Tried: each signs a probe, and its certificate is asked of it."""
    async with httpx.AsyncClient(trust_env=False) as client:
        signers = ConfiguredSigners(folder, client=client, clock=clock)
        try:
            return [
                await _look(one, signers, now=clock.now(), tried=tried)
                for one in await signers.standing()
            ]
        finally:
            await signers.close()


async def _look(
    standing: SignerStanding, signers: ConfiguredSigners, *, now: datetime, tried: bool
) -> Looked:
    days = standing.days_left(now)
    why_not = standing.why_not
    if not tried:
        return Looked(standing=standing, days=days, why_not=why_not)
    if standing.until is not None and standing.until <= now:
        return Looked(standing=standing, days=days, why_not="its time is over; not tried")
    begins = max(now, standing.since or now)
    identity = standing.identity
    if identity is not None and not identity.valid_from <= begins <= identity.valid_to:
        why_not = "its certificate is not valid when it is its turn"
    elif identity is not None:
        why_not = await _probe(standing.name, signers)
    # Others have taken over from it: what it cannot do hurts nobody.
    replaced = not standing.signs_for and begins == now
    works = None if why_not and replaced else why_not is None
    return Looked(standing=standing, days=days, works=works, why_not=why_not)


async def _probe(name: str, signers: ConfiguredSigners) -> str | None:
    try:
        signer = await signers.named(name)
        certificate = x509.load_der_x509_certificate(signer.identity.certificate)
        require_fits(certificate, PROBE, await signer.sign(PROBE))
    except SignerUnavailable as unavailable:
        return unavailable.message
    return None


def _subject(certificate: bytes) -> str:
    return x509.load_der_x509_certificate(certificate).subject.rfc4514_string()


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
