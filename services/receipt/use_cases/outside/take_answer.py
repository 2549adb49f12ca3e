"""What an issuer answered becomes a receipt, work for a person, or a reason to ask again."""

from dataclasses import replace
from datetime import datetime
from typing import Final

import structlog

from chassis.canonical import sha256_hex
from chassis.clock import vietnam_date
from services.receipt.domain.errors import NoReceiptRule
from services.receipt.domain.events import announcement_of
from services.receipt.domain.outside.finding import Finding, FindingReason
from services.receipt.domain.outside.issue import OrderState, OutsideIssue, Told, Wanted
from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.domain.receipts.receipt import LOOKUP_CODE_BYTES, Document, Form, Receipt
from services.receipt.domain.receipts.standing import ReceiptType
from services.receipt.domain.series.series import ReceiptNumber, ReceiptSeries
from services.receipt.ports.outside import Outcome, OutsideAnswer, OutsideDocument
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.amendments.carry_out import carry_out
from services.receipt.use_cases.outside.tools import AskTools

THE_HOUSE: Final = "receipt"
log = structlog.get_logger()


async def take_answer(
    asked: OutsideIssue,
    body: CollectingBody,
    answer: OutsideAnswer,
    document: OutsideDocument | None,
    *,
    tools: AskTools,
) -> None:
    """Only the one who asked last says what became of it: an answer that comes after its lease
    was taken over changes nothing, for whoever took over looks by the same key."""
    now = tools.clock.now()
    async with tools.open_uow() as uow:
        issue = await uow.outside.get_for_update(asked.id)
        if issue.state is not OrderState.ASKED or issue.tries != asked.tries:
            return
        told = answer.told
        match answer.outcome:
            case Outcome.TOLD if told is not None:
                contrary = await _contrary(issue, told, document, uow)
                if contrary is not None:
                    disputed = issue.dispute(told, contrary)
                    await _leave_to_people(disputed, contrary, told.place, uow, tools)
                elif document is not None and issue.wanted is Wanted.ORIGINAL:
                    await _issue(issue, body, told, document, uow=uow, tools=tools)
                elif document is not None:
                    await _correct(issue, body, told, document, uow=uow, tools=tools)
                else:
                    # It has a number and nothing to show for it yet: asked for again, by its key.
                    await uow.outside.save(issue.not_known(at=now))
            case Outcome.DONE:
                await _correct(issue, body, None, None, uow=uow, tools=tools)
            case Outcome.REFUSED:
                refused = issue.refuse(answer.code)
                await _leave_to_people(refused, FindingReason.REFUSED, answer.code, uow, tools)
            case _:
                log.warning(
                    "an outside issuer gives no usable answer",
                    issuer=issue.issuer,
                    issue_id=str(issue.id),
                    tries=issue.tries,
                )
                await uow.outside.save(issue.not_known(at=now))


async def _contrary(
    issue: OutsideIssue, told: Told, document: OutsideDocument | None, uow: UnitOfWork
) -> FindingReason | None:
    """What is told must fit what was paid, what its document says, and what was told before."""
    if told.ended is not None:
        return FindingReason.VOID_THERE
    amounts = {told.amount, document and document.amount} - {None}
    if amounts - {issue.amount}:
        return FindingReason.AMOUNT_DIFFERS
    if document is not None and document.number not in (None, told.number):
        return FindingReason.NUMBER_DIFFERS
    taken = await uow.outside.is_taken(issue, told)
    return FindingReason.NUMBER_TOLD_TWICE if taken else None


async def _issue(
    issue: OutsideIssue,
    body: CollectingBody,
    told: Told,
    document: OutsideDocument,
    *,
    uow: UnitOfWork,
    tools: AskTools,
) -> None:
    """Their number and their bytes, kept as our own are."""
    now = tools.clock.now()
    numbered = await _receipt(issue, body, told, at=issue.asked_at or now, uow=uow, tools=tools)
    issued = await _store(issue, numbered, told, document, uow=uow, now=now)
    await uow.outside.save(issue.issue(told, issued.id))
    await uow.outside_findings.close_of_issue(issue.id, by=THE_HOUSE, at=now)


async def _store(
    issue: OutsideIssue,
    numbered: Receipt,
    told: Told,
    document: OutsideDocument,
    *,
    uow: UnitOfWork,
    now: datetime,
) -> Receipt:
    digest = sha256_hex(document.body)
    issued = numbered.issue(at=now, xml_sha256=digest)
    stored = Document(receipt_id=issued.id, form=Form.XML, body=document.body, sha256=digest)
    await uow.outside.open_series(issue, told, now=now)
    await uow.receipts.add([numbered])
    await uow.documents.add_new([stored])
    await uow.receipts.save_issued([issued])
    await uow.outbox.add_all([(announcement_of(issued), str(issued.id))])
    return issued


async def _correct(
    issue: OutsideIssue,
    body: CollectingBody,
    told: Told | None,
    document: OutsideDocument | None,
    *,
    uow: UnitOfWork,
    tools: AskTools,
) -> None:
    """Done at the issuer, and so here: their document is the correction's original."""
    assert issue.amendment_id is not None, "only what somebody decided is corrected"
    now = tools.clock.now()
    amendment = await uow.amendments.get_for_update(issue.amendment_id)
    corrected = await uow.receipts.get_for_update(amendment.receipt_id)
    made = None
    if told is not None and document is not None:
        numbered = await _receipt(issue, body, told, at=issue.asked_at or now, uow=uow, tools=tools)
        numbered = replace(
            numbered,
            lines=tuple(amendment.lines),
            type=ReceiptType(amendment.type.value),
            corrects=corrected.as_corrected(),
            own_payer_sealed=issue.payer_sealed,
        )
        made = await _store(issue, numbered, told, document, uow=uow, now=now)
    await uow.outside.save(issue.issue(told, made.id if made else None))
    await uow.outside_findings.close_of_issue(issue.id, by=THE_HOUSE, at=now)
    by = amendment.decided_by or THE_HOUSE
    await carry_out(amendment, corrected, made, by=by, at=now, uow=uow)


async def _receipt(
    issue: OutsideIssue,
    body: CollectingBody,
    told: Told,
    *,
    at: datetime,
    uow: UnitOfWork,
    tools: AskTools,
) -> Receipt:
    day = vietnam_date(at)
    rule = await uow.rules.find(on=day)
    if rule is None:
        raise NoReceiptRule(day)
    series = ReceiptSeries(
        agency_code=issue.agency_code, form_code=told.form_code, symbol=told.symbol
    )
    return Receipt(
        id=tools.ids.new(),
        number=ReceiptNumber(series=series, number=told.number, width=told.width),
        kind=issue.kind,
        lines=tuple(issue.lines),
        fee=issue.fee,
        collecting_body=body,
        # The form and the width of the number are the issuer's; the law is the day's.
        rule=replace(rule, form_code=told.form_code, number_width=told.width),
        lookup_code=tools.ids.token(LOOKUP_CODE_BYTES),
        part=issue.part,
        parts=issue.parts,
        numbered_at=at,
        issuer=issue.issuer,
    )


async def _leave_to_people(
    issue: OutsideIssue, reason: FindingReason, detail: str, uow: UnitOfWork, tools: AskTools
) -> None:
    log.error(
        "an outside issuer's answer waits for an accountant",
        issuer=issue.issuer,
        issue_id=str(issue.id),
        reason=reason.value,
        code=issue.refusal,
    )
    await uow.outside.save(issue)
    await uow.outside_findings.add_once(
        Finding(
            id=tools.ids.new(),
            issuer=issue.issuer,
            reason=reason,
            subject=issue.key,
            detail=detail,
            found_at=tools.clock.now(),
            agency_code=issue.agency_code,
            issue_id=issue.id,
        )
    )
