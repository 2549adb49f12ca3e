from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt, model_validator

from chassis.money import Money
from chassis.schemas import AMOUNT_MAX
from services.payment.domain.intents.payment_intent import FeeKind
from services.payment.domain.refunds.refund import Refund, RefundStatus, Report
from services.payment.domain.refunds.source import RefundLine, SourceKind
from services.payment.ports.providers import RefundAccount

Amount = Annotated[StrictInt, Field(gt=0, le=AMOUNT_MAX)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
# As banks take it: printable, and nothing that a file of theirs would stumble over.
Reference = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class RefundMoneyBody(BaseModel):
    """Whole minor units of the currency that came in: đồng, unless suspense money is another's."""

    model_config = ConfigDict(extra="forbid")

    amount: Amount
    currency: Currency = "VND"

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls(amount=money.minor_units, currency=money.currency)

    def to_money(self) -> Money:
        return Money(self.amount, self.currency)


class WantedLineBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    line_code: Annotated[str, Field(min_length=1, max_length=100)]
    amount: Amount


class AccountBody(BaseModel):
    """Where the money goes when it cannot go back the way it came."""

    model_config = ConfigDict(extra="forbid")

    bank_bin: Annotated[str, Field(pattern=r"^[0-9]{6}([0-9]{2})?$")]
    account_number: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{1,19}$")]
    account_name: Annotated[str, Field(min_length=1, max_length=100)]

    def to_account(self) -> RefundAccount:
        return RefundAccount(**self.model_dump())


class RequestRefundBody(BaseModel):
    """`amount_available` is what you saw in `refund_summary`: when that is no longer so, nothing
    happens. `lines` say what goes back of which fee line; all that is left needs none."""

    model_config = ConfigDict(extra="forbid")

    amount: RefundMoneyBody
    amount_available: Annotated[StrictInt, Field(ge=0, le=AMOUNT_MAX)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    lines: Annotated[list[WantedLineBody], Field(max_length=100)] = []
    account: AccountBody | None = None

    def to_lines(self) -> dict[str, Money]:
        wanted: dict[str, Money] = {}
        for line in self.lines:
            before = wanted.get(line.line_code, Money.zero(self.amount.currency))
            wanted[line.line_code] = before + Money(line.amount, self.amount.currency)
        return wanted


class OutcomeBody(BaseModel):
    """`reference` is the bank's or provider's name for the transfer; a success needs one."""

    model_config = ConfigDict(extra="forbid")

    succeeded: bool
    reference: Reference | None = None
    failure: Annotated[str | None, Field(max_length=200)] = None

    @model_validator(mode="after")
    def _success_has_a_name(self) -> Self:
        if self.succeeded and self.reference is None:
            raise ValueError("a success needs the reference of its transfer")
        return self


class RefundLineBody(BaseModel):
    line_code: str
    kind: FeeKind
    agency_code: str
    amount: RefundMoneyBody

    @classmethod
    def of(cls, line: RefundLine) -> Self:
        return cls(
            line_code=line.line_code,
            kind=line.kind,
            agency_code=line.agency_code,
            amount=RefundMoneyBody.of(line.amount),
        )


class ReportBody(BaseModel):
    succeeded: bool
    reference: str | None
    by: str
    at: datetime

    @classmethod
    def of(cls, report: Report) -> Self:
        return cls(
            succeeded=report.succeeded, reference=report.reference, by=report.by, at=report.at
        )


class ShownAccountBody(BaseModel):
    """Masked, but for the accountant who has to pay it."""

    bank_bin: str
    account_number: str
    account_name: str

    @classmethod
    def of(cls, account: RefundAccount, *, whole: bool) -> Self:
        if whole:
            number, name = account.account_number, account.account_name
        else:
            number, name = f"…{account.account_number[-4:]}", f"{account.account_name[:1]}…"
        return cls(bank_bin=account.bank_bin, account_number=number, account_name=name)


class RefundBody(BaseModel):
    """`automatic`: small enough to need no second person. `by_hand`: an accountant pays it.

    `reported` is the first of two people's word about a refund that no provider can tell of.
    """

    id: UUID
    of: SourceKind
    payment_intent_id: UUID | None
    discrepancy_id: UUID | None
    dossier_id: UUID | None
    dossier_code: str | None
    client_id: str | None
    agency_code: str | None
    amount: RefundMoneyBody
    lines: list[RefundLineBody]
    reason: str
    to_account: bool
    provider: str
    refund_reference: str
    status: RefundStatus
    requested_by: str
    requested_at: datetime
    automatic: bool
    decided_by: str | None
    decided_at: datetime | None
    sending_at: datetime | None
    by_hand: bool
    reported: ReportBody | None
    provider_reference: str | None
    failure: str | None
    ended_by: str | None
    ended_at: datetime | None

    @classmethod
    def of_refund(cls, refund: Refund) -> Self:
        source = refund.source
        return cls(
            id=refund.id,
            of=source.kind,
            payment_intent_id=source.payment_intent_id,
            discrepancy_id=refund.discrepancy_id,
            dossier_id=source.dossier_id,
            dossier_code=source.dossier_code,
            client_id=source.client_id,
            agency_code=source.agency_code,
            amount=RefundMoneyBody.of(refund.amount),
            lines=[RefundLineBody.of(line) for line in refund.lines],
            reason=refund.reason,
            to_account=refund.account_sealed is not None,
            provider=source.provider,
            refund_reference=refund.reference,
            status=refund.status,
            requested_by=refund.requester.subject,
            requested_at=refund.requested_at,
            automatic=refund.automatic_up_to is not None,
            decided_by=refund.decided_by,
            decided_at=refund.decided_at,
            sending_at=refund.sending_at,
            by_hand=refund.by_hand,
            reported=ReportBody.of(refund.report) if refund.report else None,
            provider_reference=refund.provider_reference,
            failure=refund.failure,
            ended_by=refund.ended_by,
            ended_at=refund.ended_at,
        )


class OneRefundBody(RefundBody):
    account: ShownAccountBody | None

    @classmethod
    def of_view(cls, refund: Refund, account: RefundAccount | None, *, whole: bool) -> Self:
        shown = ShownAccountBody.of(account, whole=whole) if account else None
        return cls(**dict(RefundBody.of_refund(refund)), account=shown)
