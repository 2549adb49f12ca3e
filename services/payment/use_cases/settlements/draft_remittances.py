from collections.abc import Sequence

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.errors import RemittanceBusy
from services.payment.domain.settlements.posting import promised_to_treasury
from services.payment.domain.settlements.remittance import (
    Done,
    Remittance,
    RemittanceStatus,
)
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.settlements.acting import Acting


async def draft_remittances(
    *, acting: Acting, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Sequence[Remittance]:
    """One order for each agency and kind that has earned something on closed days.

    The ledger moves with the draft, so what is in an order is in no later one.
    """
    drafted: list[Remittance] = []
    async with uow:
        # Before the amounts: who draws up the same at the same time takes the same number, and
        # one of the two fails.
        numbers = await uow.remittances.last_numbers()
        now = clock.now()
        for earned in await uow.remittances.list_earned():
            if not acting.reach.covers(client_id=None, agency_code=earned.agency_code):
                continue
            remittance = Remittance(
                id=ids.new(),
                agency_code=earned.agency_code,
                kind=earned.kind,
                number=numbers.get((earned.agency_code, earned.kind), 0) + 1,
                amount=earned.amount,
                done={RemittanceStatus.DRAFTED: Done(acting.subject, now)},
            )
            if not await uow.remittances.add_once(remittance):
                raise RemittanceBusy
            await uow.ledger.post(promised_to_treasury(remittance, id=ids.new(), posted_at=now))
            drafted.append(remittance)
    return drafted
