from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.notices.judgement import discrepancy_of
from services.payment.domain.notices.provider_notification import ProviderNotification, Verdict
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.open_case import open_case


async def keep_unreadable_notification(
    unread: ProviderNotification, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> None:
    """An authentic notice that nobody here understands is put on a desk, once, with its bytes."""
    async with uow:
        if await uow.notifications.add_once(unread) is not None:
            return
        verdict = Verdict(
            status="kept",
            payment_intent_id=None,
            provider_reference=unread.notice.provider_reference,
            discrepancy=Reason.UNREADABLE_NOTICE,
        )
        await uow.notifications.conclude(unread.id, verdict)
        found = discrepancy_of(
            unread, Reason.UNREADABLE_NOTICE, id=ids.new(), intent=None, found_at=clock.now()
        )
        await open_case(found, uow=uow, clock=clock, ids=ids)
