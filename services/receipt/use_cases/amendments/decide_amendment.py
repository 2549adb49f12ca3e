"""Another person decides. Approving makes the correction, all of it in one transaction."""

from uuid import UUID

from chassis.duties import OnDuty, Reach, require_another_person
from services.receipt.domain.amendments.amendment import Amendment, AmendmentState, AmendmentType
from services.receipt.domain.amendments.content import require_within_payment
from services.receipt.domain.amendments.errors import AmendmentNotFound, IllegalAmendmentTransition
from services.receipt.domain.outside.issue import OrderState, Wanted
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.amendments.carry_out import carry_out, number_correction
from services.receipt.use_cases.amendments.tools import AmendTools
from services.receipt.use_cases.outside.order_correction import Correction, order_correction


async def approve_amendment(
    amendment_id: UUID, *, officer: OnDuty, reach: Reach, tools: AmendTools
) -> Amendment:
    """Numbers the correction from the agency's series of today, marks the receipt, and draws the
    number of the notice; a receipt of an outside issuer is corrected by that issuer first.

    Approved twice, it is shown as it stands. Raises AnotherPersonNeeded, and whatever the receipt
    says against it by now.
    """
    now = tools.clock.now()
    async with tools.open_uow() as uow:
        amendment = await _held(amendment_id, reach=reach, uow=uow)
        if amendment.state in (AmendmentState.APPROVED, AmendmentState.ORDERED):
            return amendment
        require_another_person(asked_by=amendment.asked_by, decided_by=officer)
        receipt = await uow.receipts.get_for_update(amendment.receipt_id)
        amendment.require_fits(receipt)
        siblings = await uow.receipts.list_of_payment(receipt.fee.payment_intent_id)
        require_within_payment(amendment.type, receipt, amendment.lines, siblings)
        if receipt.issuer is not None:
            ordered = amendment.order(by=officer.subject, at=now)
            await uow.amendments.save(ordered)
            await _order(ordered, receipt, uow=uow, tools=tools)
            return ordered
        made = None
        if amendment.type is not AmendmentType.CANCELLATION:
            made = await number_correction(amendment, receipt, now=now, uow=uow, ids=tools.ids)
            await uow.receipts.add([made])
        return await carry_out(amendment, receipt, made, by=officer.subject, at=now, uow=uow)


async def reject_amendment(
    amendment_id: UUID, *, officer: OnDuty, note: str, reach: Reach, tools: AmendTools
) -> Amendment:
    """Also by whoever asked: taking back what one asked for needs nobody else. What an outside
    issuer is asked for can be taken back once it refused."""
    async with tools.open_uow() as uow:
        amendment = await _held(amendment_id, reach=reach, uow=uow)
        if amendment.state is AmendmentState.REJECTED:
            return amendment
        if amendment.state is AmendmentState.ORDERED:
            await _require_refused(amendment, uow)
        rejected = amendment.reject(by=officer.subject, at=tools.clock.now(), note=note)
        await uow.amendments.save(rejected)
    return rejected


async def _held(amendment_id: UUID, *, reach: Reach, uow: UnitOfWork) -> Amendment:
    amendment = await uow.amendments.get_for_update(amendment_id)
    if not reach.covers(client_id=None, agency_code=amendment.agency_code):
        raise AmendmentNotFound
    return amendment


async def _require_refused(amendment: Amendment, uow: UnitOfWork) -> None:
    # Read while the correction is held: whoever asks the issuer again holds it too.
    order = await uow.outside.find_of_amendment(amendment.id)
    if order is None or order.state is not OrderState.REFUSED:
        raise IllegalAmendmentTransition(current=amendment.state, wanted=AmendmentState.REJECTED)


async def _order(
    amendment: Amendment, receipt: Receipt, *, uow: UnitOfWork, tools: AmendTools
) -> None:
    unchanged = amendment.type in (AmendmentType.INFORMATION, AmendmentType.CANCELLATION)
    correction = Correction(
        amendment_id=amendment.id,
        receipt_id=receipt.id,
        wanted=Wanted(amendment.type.value),
        lines=receipt.lines if unchanged else amendment.lines,
        payer_sealed=amendment.payer_sealed or receipt.payer_sealed,
        reason=amendment.reason,
    )
    await order_correction(correction, uow=uow, clock=tools.clock, ids=tools.ids)
