from dataclasses import replace

from chassis.clock import vietnam_date
from chassis.idempotency import KeyReused
from services.payment.domain.bills.bill_request import BillRequest, open_bill
from services.payment.domain.bills.errors import ReferenceTaken
from services.payment.domain.events import PaymentOpenedV1
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.bills.desk import BillDesk


async def open_one_bill(
    request: BillRequest, *, key: str, evidence_id: str, uow: UnitOfWork, desk: BillDesk
) -> PaymentIntent:
    """Open a bill with its code: once for each key of its biller, and once for each reference."""
    now = desk.clock.now()
    async with uow:
        if (before := await uow.bills.find_by_key(request.client_id, key)) is not None:
            return _as_opened(before, request)
        agencies = await uow.agencies.find(request.agency_codes, on=vietnam_date(now))
        opening = desk.opening(
            payer_sealed=desk.seal(request), evidence_id=evidence_id, idempotency_key=key
        )
        bill = open_bill(request, opening, agencies=agencies, now=now)
        if await uow.bills.add_opened([(bill, desk.code_attempt(bill))]):
            await uow.outbox.add(PaymentOpenedV1.of(bill), subject=str(bill.id))
            return bill
        if (before := await uow.bills.find_by_key(request.client_id, key)) is not None:
            return _as_opened(before, request)
        named = await uow.bills.find_by_references(request.client_id, [request.reference])
        raise ReferenceTaken(request.reference, named[request.reference].id)


def _as_opened(before: PaymentIntent, request: BillRequest) -> PaymentIntent:
    """What the first request was answered with, whatever became of the bill since."""
    same = before.bill is not None and (before.bill.reference, before.bill.fingerprint) == (
        request.reference,
        request.fingerprint(),
    )
    if not same:
        raise KeyReused
    return replace(before, status=Status.CONFIRMED, payment=None)
