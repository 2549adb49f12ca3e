from collections.abc import Mapping, Sequence
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.refunds.refund import ALARM_AFTER, Refund, RefundStatus
from services.payment.ports.providers import Capability, Provider, RefundAnswer, RefundOutcome
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.refunds.take_answer import order_of, take_answer

BATCH_MAX: Final = 20
ALARMS_MAX: Final = 100
NOT_KNOWN: Final = RefundAnswer(outcome=RefundOutcome.UNKNOWN)


async def enquire_refunds(
    *, providers: Mapping[str, Provider], uow: UnitOfWork, clock: Clock, ids: Ids
) -> Sequence[RefundStatus]:
    """Ask providers what became of refunds that are sent and not known; say what is known now."""
    async with uow:
        due = await uow.refunds.claim_due(now=clock.now(), limit=BATCH_MAX)
    return [await _enquire(one, providers, uow=uow, clock=clock, ids=ids) for one in due]


async def name_overdue_refunds(*, uow: UnitOfWork, clock: Clock) -> tuple[Sequence[Refund], int]:
    """Refunds that nobody knows the end of for a day, each named once; and how many there are."""
    now = clock.now()
    async with uow:
        named = await uow.refunds.claim_alarms(
            sent_before=now - ALARM_AFTER, now=now, limit=ALARMS_MAX
        )
        return named, await uow.refunds.count_awaited(sent_before=now - ALARM_AFTER)


async def _enquire(
    refund: Refund,
    providers: Mapping[str, Provider],
    *,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> RefundStatus:
    provider = providers.get(refund.source.provider)
    if provider is None:
        return refund.status
    answer = NOT_KNOWN
    if Capability.ANSWERS_REFUND_ENQUIRIES in provider.capabilities:
        answer = await provider.enquire_refund(order_of(refund))
    return await take_answer(refund, answer, provider, uow=uow, clock=clock, ids=ids)
