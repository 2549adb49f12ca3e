from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from services.payment.api.ledger.cursors import write_cursor
from services.payment.domain.ledger.accounts import AccountKind
from services.payment.domain.ledger.books import AccountLine, CurrencyTotal, PostedEntry, Turnover
from services.payment.domain.ledger.transaction import Direction
from services.payment.use_cases.ledger.get_statement import Statement
from services.payment.use_cases.ledger.get_trial_balance import TrialBalance

Net = Annotated[int, Field(description="Debits less credits, in whole minor units.")]


class BalanceBody(BaseModel):
    account: str
    currency: str
    balance_minor_units: Net

    @classmethod
    def of(cls, balance: Turnover) -> Self:
        return cls(
            account=balance.book.account,
            currency=balance.book.currency,
            balance_minor_units=balance.balance,
        )


class BalancesBody(BaseModel):
    items: list[BalanceBody]


class AccountLineBody(BaseModel):
    """One account over a period."""

    account: str
    kind: AccountKind
    name: str
    name_vi: str
    agency_code: str | None
    currency: str
    opening_minor_units: Net
    debits_minor_units: int
    credits_minor_units: int
    closing_minor_units: Net

    @classmethod
    def of(cls, line: AccountLine) -> Self:
        account = line.account
        return cls(
            account=account.name,
            kind=account.kind,
            name=account.form.name,
            name_vi=account.form.vi,
            agency_code=account.agency_code,
            currency=line.book.currency,
            opening_minor_units=line.opening,
            debits_minor_units=line.debits,
            credits_minor_units=line.credits,
            closing_minor_units=line.closing,
        )


class CurrencyTotalBody(BaseModel):
    currency: str
    opening_minor_units: Net
    debits_minor_units: int
    credits_minor_units: int
    closing_minor_units: Net
    is_balanced: bool

    @classmethod
    def of(cls, total: CurrencyTotal) -> Self:
        return cls(
            currency=total.currency,
            opening_minor_units=total.opening,
            debits_minor_units=total.debits,
            credits_minor_units=total.credits,
            closing_minor_units=total.closing,
            is_balanced=total.is_balanced,
        )


class TrialBalanceBody(BaseModel):
    """`is_whole`: every account is here, so that each currency must be balanced."""

    since: date
    as_of: date
    is_whole: bool
    totals: list[CurrencyTotalBody]
    items: list[AccountLineBody]

    @classmethod
    def of(cls, found: TrialBalance) -> Self:
        return cls(
            since=found.period.since,
            as_of=found.period.until,
            is_whole=found.is_whole,
            totals=[CurrencyTotalBody.of(one) for one in found.totals],
            items=[AccountLineBody.of(one) for one in found.lines],
        )


class EntryBody(BaseModel):
    """One line of a ledger transaction. `cause_kind` says what moved the money."""

    transaction_id: UUID
    line: int
    booked_on: date
    posted_at: datetime
    account: str
    direction: Direction
    amount_minor_units: int
    currency: str
    cause_kind: str
    cause: str
    payment_intent_id: UUID | None
    discrepancy_id: UUID | None
    refund_id: UUID | None
    agency_code: str | None

    @classmethod
    def of(cls, entry: PostedEntry) -> Self:
        return cls(
            transaction_id=entry.transaction_id,
            line=entry.line,
            booked_on=entry.booked_on,
            posted_at=entry.posted_at,
            account=entry.account,
            direction=entry.direction,
            amount_minor_units=entry.amount.minor_units,
            currency=entry.amount.currency,
            cause_kind=entry.cause_kind,
            cause=entry.cause,
            payment_intent_id=entry.payment_intent_id,
            discrepancy_id=entry.discrepancy_id,
            refund_id=entry.refund_id,
            agency_code=entry.agency_code,
        )


class StatementBody(BaseModel):
    """What the accounts brought along, turned over and ended with, and a page of their entries."""

    since: date
    until: date
    accounts: list[AccountLineBody]
    items: list[EntryBody]
    next_cursor: str | None

    @classmethod
    def of(cls, found: Statement) -> Self:
        return cls(
            since=found.period.since,
            until=found.period.until,
            accounts=[AccountLineBody.of(one) for one in found.lines],
            items=_bodies(found.entries),
            next_cursor=None if found.next_after is None else write_cursor(found.next_after),
        )


def _bodies(entries: Sequence[PostedEntry]) -> list[EntryBody]:
    return [EntryBody.of(one) for one in entries]
