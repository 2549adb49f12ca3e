"""Asks an outside issuer for what is due, between two transactions, and never blindly twice."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.clock import vietnam_date
from services.receipt.domain.errors import AgencyNotKnownYet
from services.receipt.domain.outside.issue import Ended, OutsideIssue, Wanted
from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.receipts.receipt import Form
from services.receipt.ports.outside import (
    Outcome,
    OutsideAnswer,
    OutsideDocument,
    OutsideIssuer,
    OutsideOrder,
)
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.outside.orders import order_of
from services.receipt.use_cases.outside.take_answer import take_answer
from services.receipt.use_cases.outside.tools import AskTools

BATCH_MAX: Final = 16
# Longer than all that is asked for one receipt takes; who dies asking gives it back after this.
LEASE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    issue: OutsideIssue
    body: CollectingBody
    corrected: OutsideIssue | None


async def ask_outside(issuer: OutsideIssuer, *, tools: AskTools) -> int:
    """One batch of what is due, the oldest first; says how many were taken up.

    That it is asked is stored before the issuer hears of it. Whoever takes it up after a crash or
    a silence first looks whether it is there, and orders only what the issuer does not know.
    """
    due = await _take_up(issuer.name, tools)
    results = await asyncio.gather(
        *(_ask(one, issuer, tools) for one in due), return_exceptions=True
    )
    # One that cannot even be asked keeps nobody else's receipt back.
    for failure in results:
        if isinstance(failure, BaseException):
            raise failure
    return len(due)


async def _take_up(issuer: str, tools: AskTools) -> list[_Due]:
    now = tools.clock.now()
    async with tools.open_uow() as uow:
        issues = await uow.outside.claim_due(issuer, now=now, until=now + LEASE, limit=BATCH_MAX)
        return [
            _Due(
                issue=one,
                body=await _body_of(one, uow),
                corrected=await _corrected(one.corrects_id, uow),
            )
            for one in issues
        ]


async def _body_of(issue: OutsideIssue, uow: UnitOfWork) -> CollectingBody:
    """As it was on the day of the order, which was taken because it was known then."""
    day = vietnam_date(issue.ordered_at)
    body = await uow.collecting_bodies.find(issue.agency_code, on=day)
    if body is None:
        raise AgencyNotKnownYet(issue.agency_code, day)
    return body


async def _corrected(receipt_id: UUID | None, uow: UnitOfWork) -> OutsideIssue | None:
    return None if receipt_id is None else await uow.outside.find_of_receipt(receipt_id)


async def _ask(due: _Due, issuer: OutsideIssuer, tools: AskTools) -> None:
    issue = due.issue
    order = order_of(
        issue, due.body, corrected=due.corrected, at=tools.clock.now(), seals=tools.seals
    )
    answer = await _answer(issue, order, issuer)
    document = await _document(issue, order, answer, issuer)
    await take_answer(due.issue, due.body, answer, document, tools=tools)


async def _answer(issue: OutsideIssue, order: OutsideOrder, issuer: OutsideIssuer) -> OutsideAnswer:
    if issue.wanted is Wanted.CANCELLATION:
        return await _cancel(order, issuer)
    if issue.asked_before:
        found = await issuer.find(issue.key, at=order.at)
        if found.outcome is not Outcome.NOT_KNOWN:
            return found
    said = await _order(order, issuer)
    if said.outcome is Outcome.KEY_TAKEN:
        return await issuer.find(issue.key, at=order.at)
    return said


async def _cancel(order: OutsideOrder, issuer: OutsideIssuer) -> OutsideAnswer:
    """Asked for twice, it has been done once: the issuer then says that it is over already."""
    said = await issuer.cancel(order)
    if said.outcome is not Outcome.KEY_TAKEN or order.corrected is None:
        return said
    found = await issuer.find(order.corrected.key, at=order.at)
    if found.told is None:
        return OutsideAnswer(outcome=Outcome.UNKNOWN)
    if found.told.ended is Ended.CANCELLED:
        return OutsideAnswer(outcome=Outcome.DONE)
    return replace(said, outcome=Outcome.REFUSED)


async def _order(order: OutsideOrder, issuer: OutsideIssuer) -> OutsideAnswer:
    match order.wanted:
        case Wanted.ORIGINAL:
            return await issuer.publish(order)
        case Wanted.REPLACEMENT:
            return await issuer.replace(order)
        case _:
            return await issuer.adjust(order)


async def _document(
    issue: OutsideIssue, order: OutsideOrder, answer: OutsideAnswer, issuer: OutsideIssuer
) -> OutsideDocument | None:
    if answer.told is None:
        return None
    return await issuer.fetch(issue.key, answer.told, Form.XML, issued_at=order.at)
