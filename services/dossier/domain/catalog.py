"""Our own copies of what the catalog publishes: who receives, what for, and at which price."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

ANY = "any"
PERCENT_MAX = 100


class Channel(StrEnum):
    ONLINE = "online"
    COUNTER = "counter"
    POST = "post"

    @property
    def price_channel(self) -> str:
        """The online price rewards what saves the counter work; public post is counter work."""
        return "online" if self is Channel.ONLINE else "counter"


class PayerType(StrEnum):
    PERSON = "person"
    ORGANISATION = "organisation"


class FeeKind(StrEnum):
    PHI = "phi"
    LE_PHI = "le_phi"
    # A service price needs an invoice of its own and never enters a fee request.
    GIA_DICH_VU = "gia_dich_vu"


class Unit(StrEnum):
    DOSSIER = "dossier"
    PAGE = "page"
    COPY = "copy"
    CERTIFICATE = "certificate"


class DayKind(StrEnum):
    WORKING = "working"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionAccount:
    bank_bin: str
    account_number: str
    account_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    agency_code: str
    name: str
    address: str
    phone: str | None
    account: CollectionAccount
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    procedure_code: str
    name: str
    agency_codes: tuple[str, ...]
    processing_days: int | None
    processing_day_kind: DayKind
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """So much a unit, up to and including the unit counted `up_to`; None is all the rest."""

    up_to: int | None
    unit_amount_minor_units: int

    def __post_init__(self) -> None:
        if self.unit_amount_minor_units < 0:
            raise ValueError("a price is never negative")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    group_code: str
    name: str
    percent: int

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= PERCENT_MAX:
            raise ValueError("an exemption is between 0 and 100 percent")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    """One published price, and whom it meets; ANY meets everybody."""

    line_code: str
    name: str
    kind: FeeKind
    case_code: str
    case_name: str
    payer_type: str
    channel: str
    unit: Unit
    tiers: tuple[Tier, ...]
    cap_minor_units: int | None
    currency: str
    legal_basis: str
    exemptions: tuple[Exemption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    schedule_id: UUID
    procedure_code: str
    valid_from: date
    valid_to: date | None
    lines: tuple[FeeLine, ...]
