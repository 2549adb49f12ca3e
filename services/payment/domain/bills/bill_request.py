"""What a biller asks to be collected, and the payment intent that it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from chassis.idempotency import fingerprint
from chassis.money import Money
from services.payment.domain.bills.agency import Agency
from services.payment.domain.bills.errors import (
    AgencyNotFound,
    DueTooLate,
    NothingToPay,
    PartPaymentNotTaken,
    PastDueDate,
    PayeeAccountDiffers,
)
from services.payment.domain.errors import WrongFee
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import (
    Confirmation,
    FeeKind,
    FeeLine,
    PaymentIntent,
)
from services.payment.domain.intents.source import BILLER_SIGNATURE, Bill
from services.payment.domain.qr.collection_code import collection_code

LINES_MAX: Final = 50
REFERENCE_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,49}$"
# As dossiers are named here, H19.25-261123-0001 or 000.01.12.H19-261123-0001.
DOSSIER_CODE_PATTERN: Final = (
    r"^(?:H[0-9]{2}(?:\.[0-9]{1,3}){0,5}|[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.H[0-9]{2})"
    r"-[0-9]{6}-[0-9]{4,5}$"
)
# The word under which payers are sealed; every opener must say the same.
PAYER_PURPOSE: Final = "payer"
DUE_WITHIN: Final = timedelta(days=366)
CURRENCY: Final = "VND"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedLine:
    line_code: str
    name: str
    kind: FeeKind
    quantity: int
    amount: Money
    legal_basis: str
    agency_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedPayer:
    """Personal data. `tax_code` is a firm's; of a person the identity number is asked."""

    full_name: str
    identity_number: str | None = None
    tax_code: str | None = None
    address: str | None = None
    email: str | None = None
    phone: str | None = None

    def facts(self) -> Mapping[str, Any]:
        """The shape that every opener of a sealed payer relies on."""
        return {
            "full_name": self.full_name,
            "identity_number": self.identity_number or self.tax_code,
            "address": self.address,
            "email": self.email,
            "phone": self.phone,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedPayee:
    bank_bin: str
    account_number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRequest:
    """`amount` and `payee` are said by billers who want to be told when they err."""

    client_id: str
    reference: str
    agency_code: str
    lines: tuple[RequestedLine, ...]
    payer: RequestedPayer = field(repr=False)
    due_at: datetime
    amount: Money | None = None
    payee: RequestedPayee | None = None
    dossier_id: UUID | None = None
    dossier_code: str | None = None

    @property
    def agency_codes(self) -> frozenset[str]:
        return frozenset({self.agency_code, *(one.agency_code or "" for one in self.lines)} - {""})

    @property
    def total(self) -> Money:
        return Money(sum(one.amount.minor_units for one in self.lines), CURRENCY)

    def fingerprint(self) -> str:
        """Equal for requests of the same bill, whichever way they came."""
        return fingerprint(
            {
                "agency": self.agency_code,
                "lines": [
                    [
                        one.line_code,
                        one.name,
                        one.kind,
                        one.quantity,
                        one.amount.minor_units,
                        one.legal_basis,
                        one.agency_code or self.agency_code,
                    ]
                    for one in self.lines
                ],
                "payer": dict(self.payer.facts()),
                "due_at": int(self.due_at.timestamp()),
                "dossier": [str(self.dossier_id or ""), self.dossier_code],
            }
        )

    def check_fee(self) -> None:
        for one in self.lines:
            if one.quantity < 1 or one.amount.minor_units < 0:
                raise WrongFee(f"Line {one.line_code} has a negative amount or no quantity.")
        if not self.lines or self.total.minor_units == 0:
            raise NothingToPay
        if self.amount is None or self.amount == self.total:
            return
        if self.amount < self.total:
            raise PartPaymentNotTaken(total=self.total, asked=self.amount)
        raise WrongFee(f"The lines add up to {self.total}, but {self.amount} is asked.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """By what request and under which names a bill is opened. `evidence_id` is the record of the
    biller's own signed request: the authority for showing the code at once."""

    intent_id: UUID
    confirmation_id: UUID
    bill_reference: str
    payer_sealed: str = field(repr=False)
    evidence_id: str
    idempotency_key: str | None = None
    batch_id: UUID | None = None


def check_bill(request: BillRequest, *, agencies: Mapping[str, Agency], now: datetime) -> None:
    """Raises the reason why this is not collected."""
    request.check_fee()
    for code in sorted(request.agency_codes):
        if code not in agencies:
            raise AgencyNotFound(code)
    payee = agencies[request.agency_code].payee
    if request.payee and (request.payee.bank_bin, request.payee.account_number) != (
        payee.bank_bin,
        payee.account_number,
    ):
        raise PayeeAccountDiffers(request.agency_code)
    if request.due_at <= now:
        raise PastDueDate
    if request.due_at > now + DUE_WITHIN:
        raise DueTooLate(DUE_WITHIN.days)


def open_bill(
    request: BillRequest, opening: Opening, *, agencies: Mapping[str, Agency], now: datetime
) -> PaymentIntent:
    """A bill has its code from the beginning: its biller signed for it, and whoever scans it
    agrees at their own bank."""
    check_bill(request, agencies=agencies, now=now)
    agency = agencies[request.agency_code]
    asked = PaymentIntent(
        id=opening.intent_id,
        dossier_id=request.dossier_id,
        dossier_code=request.dossier_code,
        procedure_code=None,
        procedure_name=None,
        agency_code=agency.code,
        agency_name=agency.name,
        client_id=request.client_id,
        lines=tuple(_line(one, request, agencies) for one in request.lines),
        amount=request.total,
        payee=agency.payee,
        payer_sealed=opening.payer_sealed,
        created_at=now,
        expires_at=request.due_at,
        bill=Bill(
            reference=request.reference,
            fingerprint=request.fingerprint(),
            idempotency_key=opening.idempotency_key,
            batch_id=opening.batch_id,
        ),
    )
    return asked.confirm(
        Confirmation(
            id=opening.confirmation_id,
            evidence_id=opening.evidence_id,
            method=Method.VIETQR,
            amount=request.total,
            assurance=BILLER_SIGNATURE,
            confirmed_at=now,
        ),
        bill_reference=opening.bill_reference,
        qr_payload=collection_code(asked, opening.bill_reference),
    )


def _line(line: RequestedLine, request: BillRequest, agencies: Mapping[str, Agency]) -> FeeLine:
    other = line.agency_code if line.agency_code != request.agency_code else None
    return FeeLine(
        line_code=line.line_code,
        name=line.name,
        kind=line.kind,
        quantity=line.quantity,
        amount=line.amount,
        legal_basis=line.legal_basis,
        agency_code=other,
        agency_name=agencies[other].name if other else None,
    )
