"""What was paid, by whom and to whom: the facts a receipt is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, Self
from uuid import UUID

from chassis.money import Money
from services.receipt.domain.errors import LinesDoNotAddUp

PAYER_PURPOSE: Final = "payer"


class Kind(StrEnum):
    """The law knows two charges with a receipt; the price of a service needs an invoice instead."""

    PHI = "phi"
    LE_PHI = "le_phi"


SERVICE_PRICE: Final = "gia_dich_vu"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeLine:
    line_code: str
    name: str
    kind: str
    quantity: int
    amount: Money
    legal_basis: str
    # Whose charge it is: the payment's own agency, or another that shares in it.
    agency_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegate:
    """Who issues receipts in the collecting body's name; `agreement` is the written delegation's
    number. One that is an agency here signs with its own key."""

    name: str
    tax_code: str
    address: str
    agreement: str
    agency_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectingBody:
    """Who collects, as published for a span of days; `valid_to` is the last of them."""

    agency_code: str
    name: str
    address: str
    tax_code: str
    phone: str | None
    valid_from: date
    valid_to: date | None
    # As it was on the day of the receipt.
    delegate: Delegate | None = None

    @property
    def signing_agency(self) -> str:
        """Whose key signs."""
        return (self.delegate and self.delegate.agency_code) or self.agency_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Personal data. It leaves its seal only to be written into the receipt itself."""

    full_name: str
    identity_number: str | None = None
    address: str | None = None

    @classmethod
    def of(cls, unsealed: Mapping[str, Any]) -> Self:
        return cls(
            full_name=str(unsealed.get("full_name") or ""),
            identity_number=unsealed.get("identity_number") or None,
            address=unsealed.get("address") or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidFee:
    """`reference` is a biller's own name of a bill, which may be of no dossier or procedure."""

    payment_intent_id: UUID
    dossier_id: UUID | None
    dossier_code: str | None
    reference: str | None = None
    procedure_code: str | None
    procedure_name: str | None
    agency_code: str
    client_id: str
    amount: Money
    method: str
    provider: str
    provider_reference: str
    paid_at: datetime
    lines: Sequence[FeeLine]
    payer_sealed: str

    def by_receipt(self) -> Mapping[tuple[str, Kind], Sequence[FeeLine]]:
        """The lines that deserve a receipt, each agency and kind apart and in one order; what came
        to nothing is left out. Raises when the lines and the money disagree: which of them is
        right is not ours to say."""
        total = sum((line.amount.minor_units for line in self.lines), start=0)
        if any(line.amount.currency != self.amount.currency for line in self.lines):
            raise LinesDoNotAddUp(self.payment_intent_id)
        if total != self.amount.minor_units:
            raise LinesDoNotAddUp(self.payment_intent_id)
        agencies = sorted({line.agency_code for line in self.lines})
        apart = {
            (agency, kind): lines_of(self.lines, agency_code=agency, kind=kind)
            for agency in agencies
            for kind in Kind
        }
        return {key: lines for key, lines in apart.items() if total_of(lines).minor_units > 0}


def lines_of(lines: Sequence[FeeLine], *, agency_code: str, kind: Kind) -> Sequence[FeeLine]:
    return tuple(one for one in lines if (one.agency_code, one.kind) == (agency_code, kind))


def total_of(lines: Sequence[FeeLine]) -> Money:
    currency = lines[0].amount.currency if lines else "VND"
    return Money(sum(line.amount.minor_units for line in lines), currency)
