from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from services.catalog.domain.errors import (
    BadAmount,
    BadExemption,
    Empty,
    LastTierClosed,
    RepeatedEntry,
    TieredDossierFee,
    TiersNotAscending,
)

AMOUNT_MAX: Final = 10**15
# The case of a line that applies whatever the case is.
ANY_CASE: Final = "any"


class FeeKind(StrEnum):
    PHI = "phi"  # The price of a public service.
    LE_PHI = "le_phi"  # A fixed state charge.
    GIA_DICH_VU = "gia_dich_vu"  # A commercial service: shown here, paid against an invoice.


class PayerType(StrEnum):
    ANY = "any"
    PERSON = "person"
    ORGANISATION = "organisation"


class Channel(StrEnum):
    ANY = "any"
    ONLINE = "online"
    COUNTER = "counter"


class Unit(StrEnum):
    DOSSIER = "dossier"
    PAGE = "page"
    COPY = "copy"
    CERTIFICATE = "certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The price of each unit up to and including the given count; None is all the rest."""

    up_to: int | None
    unit_amount_minor_units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    group_code: str
    name: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """One charge of a schedule and whom it meets.

    The cap is the most this line may come to. Illustrative: a sample amount, not the law's.
    """

    line_code: str
    name: str
    kind: FeeKind
    case_code: str
    case_name: str
    payer_type: PayerType
    channel: Channel
    unit: Unit
    tiers: tuple[Tier, ...]
    cap_minor_units: int | None
    currency: Literal["VND"]
    legal_basis: str
    exemptions: tuple[Exemption, ...]
    illustrative: bool

    def check(self, where: str) -> None:
        for field in ("line_code", "name", "case_code", "case_name", "legal_basis"):
            if not getattr(self, field).strip():
                raise Empty(where, field)
        self._check_tiers(where)
        cap = self.cap_minor_units
        if cap is not None and not 0 < cap <= AMOUNT_MAX:
            raise BadAmount(where, "cap_minor_units")
        if self.unit is Unit.DOSSIER and (len(self.tiers) > 1 or cap is not None):
            raise TieredDossierFee(where)
        self._check_exemptions(where)

    def may_meet(self, other: "FeeLine") -> bool:
        """Whether one payer, in one case and channel, could owe both lines."""
        return (
            _meet(self.case_code, other.case_code, ANY_CASE)
            and _meet(self.payer_type, other.payer_type, PayerType.ANY)
            and _meet(self.channel, other.channel, Channel.ANY)
        )

    def _check_tiers(self, where: str) -> None:
        if not self.tiers:
            raise Empty(where, "tiers")
        if any(not 0 <= tier.unit_amount_minor_units <= AMOUNT_MAX for tier in self.tiers):
            raise BadAmount(where, "unit_amount_minor_units")
        if self.tiers[-1].up_to is not None:
            raise LastTierClosed(where)
        below = 0
        for tier in self.tiers[:-1]:
            if tier.up_to is None or tier.up_to <= below:
                raise TiersNotAscending(where)
            below = tier.up_to

    def _check_exemptions(self, where: str) -> None:
        seen: set[str] = set()
        for exemption in self.exemptions:
            if not exemption.group_code.strip() or not exemption.name.strip():
                raise Empty(where, "exemptions")
            if exemption.group_code in seen:
                raise RepeatedEntry(where, f"the exemption of {exemption.group_code}")
            if not 1 <= exemption.percent <= 100:
                raise BadExemption(where, exemption.group_code)
            seen.add(exemption.group_code)


def _meet(first: str, second: str, wildcard: str) -> bool:
    return first == second or wildcard in (first, second)
