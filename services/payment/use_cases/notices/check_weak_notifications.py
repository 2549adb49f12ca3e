from collections.abc import Mapping
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.errors import UnreadableNotice
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    WeakNotification,
)
from services.payment.ports.providers import Provider, Question
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.record_answer import record_answer

BATCH_MAX: Final = 20
# What a provider says of a movement that is over; it need not be asked about it again.
FINAL: Final = frozenset({Outcome.FAILED, Outcome.SUCCEEDED})


async def check_weak_notifications(
    *, providers: Mapping[str, Provider], uow: UnitOfWork, clock: Clock, ids: Ids
) -> Mapping[Outcome, int]:
    """Ask the provider whether what was said in its name, proved by a shared secret, is so.

    Its answer settles, or opens a case, whether or not the notice named a fee of ours: money
    that nobody can place is found this way as well. Says how often which outcome was heard.
    """
    async with uow:
        waiting = await uow.notifications.claim_unchecked(now=clock.now(), limit=BATCH_MAX)
    heard = dict.fromkeys(Outcome, 0)
    for one in waiting:
        provider = providers.get(one.provider)
        if provider is None:
            heard[Outcome.UNKNOWN] += 1
            continue
        try:
            notice = provider.parse_notification(one.raw)
        except UnreadableNotice:
            # Kept, and tried again later: it keeps no other from being asked about.
            heard[Outcome.UNKNOWN] += 1
            continue
        answer = await provider.enquire(_question(notice, one))
        heard[answer.outcome] += 1
        await record_answer(answer, provider=one.provider, uow=uow, tools=(clock, ids))
        if answer.outcome in FINAL:
            async with uow:
                await uow.notifications.finish_check(one.id)
    return heard


def _question(notice: ProviderNotice, one: WeakNotification) -> Question:
    bills = notice.references.bills
    return Question(
        order_reference=notice.order_reference,
        provider_reference=notice.provider_reference,
        bill_reference=bills[0] if len(bills) == 1 else None,
        account_number=notice.account_number,
        amount=notice.amount,
        since=min(notice.paid_at, one.received_at),
    )
