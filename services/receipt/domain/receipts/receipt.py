"""A receipt: numbered in the transaction that makes it, issued once its signed form is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

from chassis.clock import vietnam_date
from chassis.money import Money
from services.receipt.domain.errors import IllegalTransition, ReceiptNotIssuedYet
from services.receipt.domain.receipts.fee import CollectingBody, FeeLine, Kind, PaidFee, total_of
from services.receipt.domain.receipts.refund_note import Refunded, RefundState
from services.receipt.domain.receipts.standing import (
    Corrected,
    ReceiptType,
    Standing,
    standing_after,
)
from services.receipt.domain.series.series import ReceiptNumber, ReceiptRule


class Status(StrEnum):
    NUMBERED = "numbered"
    ISSUED = "issued"


# A crash leaves a numbered receipt to be signed, never a gap. What is issued stays as it is.
ALLOWED: Final[Mapping[Status, frozenset[Status]]] = {
    Status.NUMBERED: frozenset({Status.ISSUED}),
    Status.ISSUED: frozenset(),
}


class Form(StrEnum):
    """The signed XML is the original; the PDF shows it and carries it."""

    XML = "xml"
    PDF = "pdf"


# Whoever holds the code may see the receipt: it cannot be guessed.
LOOKUP_CODE_BYTES: Final = 16
# A receipt by itself, and not a word about another.
WHOLE_TYPES: Final = frozenset({ReceiptType.ORIGINAL, ReceiptType.REPLACEMENT})
SIGNS: Final[Mapping[ReceiptType, int]] = {
    ReceiptType.ORIGINAL: 1,
    ReceiptType.REPLACEMENT: 1,
    ReceiptType.INCREASE: 1,
    ReceiptType.DECREASE: -1,
    ReceiptType.INFORMATION: 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedReceipt:
    """`on` is its date."""

    id: UUID
    form_code: str
    symbol: str
    printed_number: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    receipt_id: UUID
    form: Form
    body: bytes
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    id: UUID
    number: ReceiptNumber
    kind: Kind
    lines: Sequence[FeeLine]
    fee: PaidFee
    collecting_body: CollectingBody
    rule: ReceiptRule
    lookup_code: str
    part: int
    parts: int
    numbered_at: datetime
    status: Status = Status.NUMBERED
    issued_at: datetime | None = None
    xml_sha256: str | None = None
    # Null: the platform itself; else whoever numbered and signed it outside.
    issuer: str | None = None
    # What is noted beside it; nothing that was signed says so.
    refunded: Refunded | None = None
    type: ReceiptType = ReceiptType.ORIGINAL
    # The receipt that this one is about, as it is called on paper.
    corrects: CorrectedReceipt | None = None
    corrected: Corrected | None = None
    # Who paid, where a correction says it otherwise than the payment did.
    own_payer_sealed: str | None = field(default=None, repr=False)

    @property
    def amount(self) -> Money:
        return total_of(self.lines)

    @property
    def corrects_id(self) -> UUID | None:
        return self.corrects.id if self.corrects else None

    @property
    def counted_amount(self) -> int:
        """What it adds to a sum of receipts, in đồng."""
        return SIGNS[self.type] * self.amount.minor_units if self.counts else 0

    @property
    def counts(self) -> bool:
        return self.corrected in (None, Corrected.ADJUSTED)

    @property
    def payer_sealed(self) -> str:
        return self.own_payer_sealed or self.fee.payer_sealed

    @property
    def standing(self) -> Standing:
        return standing_after(self.corrected, self.refund_state)

    @property
    def refund_state(self) -> RefundState | None:
        # What went back is noted beside the receipt of the money, not beside a word about it.
        if self.refunded is None or self.type not in WHOLE_TYPES:
            return None
        part = self.refunded.amount < self.amount
        return RefundState.PARTLY_REFUNDED if part else RefundState.REFUNDED

    def issue(self, *, at: datetime, xml_sha256: str) -> Self:
        if Status.ISSUED not in ALLOWED[self.status]:
            raise IllegalTransition(self.id, current=self.status, wanted=Status.ISSUED)
        return replace(self, status=Status.ISSUED, issued_at=at, xml_sha256=xml_sha256)

    def as_corrected(self) -> CorrectedReceipt:
        """As another receipt names it."""
        return CorrectedReceipt(
            id=self.id,
            form_code=self.number.series.form_code,
            symbol=self.number.series.symbol,
            printed_number=self.number.printed,
            on=vietnam_date(self.numbered_at),
        )

    def require_issued(self) -> datetime:
        if self.issued_at is None:
            raise ReceiptNotIssuedYet
        return self.issued_at
