"""Second half of a batch: its lines become bills, a bounded number in a transaction."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from chassis.clock import vietnam_date
from chassis.errors import Refused
from services.payment.domain.bills.batch import (
    BatchLine,
    BatchStatus,
    BillBatch,
    Refusal,
    Result,
    WaitingLine,
)
from services.payment.domain.bills.bill_request import BillRequest, open_bill
from services.payment.domain.bills.csv_bill import read_bill
from services.payment.domain.bills.errors import ReferenceTaken
from services.payment.domain.events import BillBatchCompletedV1
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.bills.desk import BillDesk
from services.payment.use_cases.bills.take_batch import BATCH_PURPOSE

OPEN_AT_ONCE: Final = 250

Asked = tuple[WaitingLine, BillRequest]
Drawn = tuple[WaitingLine, PaymentIntent]


async def open_waiting_lines(batch: BillBatch, *, uow: UnitOfWork, desk: BillDesk) -> None:
    """Within the transaction that holds the batch: a bill and the result of its line are stored
    together, so a worker that dies has opened a line wholly or not at all."""
    now = desk.clock.now()
    waiting = await uow.batches.list_waiting(batch.id, limit=OPEN_AT_ONCE)
    if not waiting:
        await _complete(batch, now, uow)
        return
    drawn, refused = await _draw(waiting, batch, now, uow=uow, desk=desk)
    new = await uow.bills.add_opened([(bill, desk.code_attempt(bill)) for _, bill in drawn])
    opened = [_opened(line, bill) for line, bill in drawn if bill.id in new]
    known = await _known(batch, [one for one in drawn if one[1].id not in new], uow)
    results = [*opened, *refused, *known]
    await uow.batches.save_results(batch.id, results)
    count = sum(one.result is Result.OPENED for one in results)
    await uow.batches.save(
        replace(
            batch,
            opened=batch.opened + count,
            refused=batch.refused + len(results) - count,
        )
    )


async def _draw(
    waiting: Sequence[WaitingLine],
    batch: BillBatch,
    now: datetime,
    *,
    uow: UnitOfWork,
    desk: BillDesk,
) -> tuple[list[Drawn], list[BatchLine]]:
    asked: list[Asked] = []
    drawn: list[Drawn] = []
    refused: list[BatchLine] = []
    for line in waiting:
        try:
            asked.append((line, _read(line, batch, desk)))
        except Refused as why:
            refused.append(_refused(line, why))
    codes = {code for _, request in asked for code in request.agency_codes}
    agencies = await uow.agencies.find(codes, on=vietnam_date(now))
    for line, request in asked:
        opening = desk.opening(
            payer_sealed=desk.seal(request), evidence_id=batch.evidence_id, batch_id=batch.id
        )
        try:
            drawn.append((line, open_bill(request, opening, agencies=agencies, now=now)))
        except Refused as why:
            refused.append(_refused(line, why))
    return drawn, refused


def _read(line: WaitingLine, batch: BillBatch, desk: BillDesk) -> BillRequest:
    said = desk.seals.unseal(line.sealed, purpose=BATCH_PURPOSE)
    return read_bill(said, client_id=batch.client_id)


async def _known(batch: BillBatch, drawn: Sequence[Drawn], uow: UnitOfWork) -> Sequence[BatchLine]:
    """Lines whose reference their biller has used. The very same bill, sent in another way
    before, is the answer; anything else is refused."""
    if not drawn:
        return []
    references = [line.reference for line, _ in drawn]
    before = await uow.bills.find_by_references(batch.client_id, references)
    return [
        _as_before(line, bill, before[line.reference], batch)
        for line, bill in drawn
        # Else its code was taken by chance: the next turn draws another.
        if line.reference in before
    ]


def _as_before(
    line: WaitingLine, bill: PaymentIntent, before: PaymentIntent, batch: BillBatch
) -> BatchLine:
    assert bill.bill is not None
    assert before.bill is not None, "only bills have references"
    repeated_here = before.bill.batch_id == batch.id
    if repeated_here or bill.bill.fingerprint != before.bill.fingerprint:
        return _refused(line, ReferenceTaken(line.reference, before.id))
    return _opened(line, before)


def _opened(line: WaitingLine, bill: PaymentIntent) -> BatchLine:
    return BatchLine(
        number=line.number,
        reference=line.reference,
        result=Result.OPENED,
        payment_intent_id=bill.id,
    )


def _refused(line: WaitingLine, why: Refused) -> BatchLine:
    return BatchLine(
        number=line.number,
        reference=line.reference,
        result=Result.REFUSED,
        refusal=Refusal(code=why.code, detail=why.message, detail_vi=why.message_vi),
    )


async def _complete(batch: BillBatch, now: datetime, uow: UnitOfWork) -> None:
    await uow.batches.save(batch.move_to(BatchStatus.COMPLETED, at=now))
    await uow.outbox.add(
        BillBatchCompletedV1(
            bill_batch_id=batch.id,
            client_id=batch.client_id,
            lines=batch.read,
            opened=batch.opened,
            refused=batch.refused,
            completed_at=now,
        ),
        subject=str(batch.id),
    )
