"""A payment as its page shows it: what is owed and why, and how far it has come."""

from dataclasses import dataclass
from datetime import datetime

from chassis.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    name: str
    quantity: int
    amount: Money
    legal_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPayment:
    """`status` is the payment service's word. `qr_payload` is there while paying makes sense."""

    dossier_code: str | None
    reference: str | None
    agency_code: str
    agency_name: str
    account_name: str
    account_number: str
    bank_bin: str
    lines: tuple[ShownLine, ...]
    amount: Money
    status: str
    expires_at: datetime
    bill_reference: str | None
    qr_payload: str | None
    assurance: str | None
    paid_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReceipt:
    """`lookup_code` opens the files of one receipt; it cannot be guessed."""

    kind: str
    printed_number: str
    lookup_code: str
