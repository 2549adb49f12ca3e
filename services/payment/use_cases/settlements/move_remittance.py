from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import OnDuty, Reach, require_another_person
from chassis.ids import Ids
from services.payment.domain.errors import IllegalTransition, UnknownRemittance
from services.payment.domain.settlements.bank_account import BankAccount
from services.payment.domain.settlements.posting import paid_to_treasury, taken_back
from services.payment.domain.settlements.remittance import (
    Done,
    Remittance,
    RemittanceStatus,
)
from services.payment.ports.unit_of_work import UnitOfWork


async def approve_remittance(
    remittance_id: UUID, *, officer: OnDuty, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Remittance:
    """By a second person."""

    def approve(remittance: Remittance, done: Done) -> Remittance:
        require_another_person(asked_by=remittance.drafted_by, decided_by=officer)
        return remittance.move_to(RemittanceStatus.APPROVED, done)

    return await _move(remittance_id, approve, officer=officer, uow=uow, tools=(clock, ids))


async def send_remittance(
    remittance_id: UUID,
    paid_from: BankAccount,
    *,
    officer: OnDuty,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> Remittance:
    def send(remittance: Remittance, done: Done) -> Remittance:
        return replace(remittance.move_to(RemittanceStatus.SENT, done), paid_from=paid_from)

    return await _move(remittance_id, send, officer=officer, uow=uow, tools=(clock, ids))


async def confirm_remittance(
    remittance_id: UUID,
    treasury_reference: str,
    *,
    officer: OnDuty,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> Remittance:
    """The Treasury has the money: only now it leaves our account in the ledger."""

    def confirm(remittance: Remittance, done: Done) -> Remittance:
        confirmed = remittance.move_to(RemittanceStatus.CONFIRMED, done)
        return replace(confirmed, treasury_reference=treasury_reference)

    return await _move(remittance_id, confirm, officer=officer, uow=uow, tools=(clock, ids))


async def cancel_remittance(
    remittance_id: UUID,
    reason: str,
    *,
    officer: OnDuty,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> Remittance:
    def cancel(remittance: Remittance, done: Done) -> Remittance:
        return replace(remittance.move_to(RemittanceStatus.CANCELLED, done), cancel_reason=reason)

    return await _move(remittance_id, cancel, officer=officer, uow=uow, tools=(clock, ids))


async def _move(
    remittance_id: UUID,
    step: Callable[[Remittance, Done], Remittance],
    *,
    officer: OnDuty,
    uow: UnitOfWork,
    tools: tuple[Clock, Ids],
) -> Remittance:
    clock, ids = tools
    reach = Reach.of_officer(officer)
    async with uow:
        found = await uow.remittances.get(remittance_id)
        if not reach.covers(client_id=None, agency_code=found.agency_code):
            raise UnknownRemittance(remittance_id)
        now = clock.now()
        moved = step(found, Done(officer.subject, now))
        if not await uow.remittances.save_moved(moved, leaving=found.status):
            raise IllegalTransition(
                f"Remittance {remittance_id}", current="already moved", wanted=moved.status
            )
        if moved.status is RemittanceStatus.CONFIRMED:
            await uow.ledger.post(paid_to_treasury(moved, id=ids.new(), posted_at=now))
        if moved.status is RemittanceStatus.CANCELLED:
            await uow.ledger.post(taken_back(moved, id=ids.new(), posted_at=now))
    return moved
