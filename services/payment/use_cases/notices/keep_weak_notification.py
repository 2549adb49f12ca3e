from chassis.clock import Clock
from services.payment.domain.notices.provider_notification import ProviderNotification, Verdict
from services.payment.ports.unit_of_work import UnitOfWork


async def keep_weak_notification(
    notification: ProviderNotification, *, uow: UnitOfWork, clock: Clock
) -> Verdict:
    """Inside a running transaction: store a weakly proved word, and ask its provider soon.

    It settles nothing and raises no discrepancy; both are for what the provider answers.
    """
    known = await uow.notifications.add_once(notification)
    if known is not None:
        return known
    intent = await uow.intents.find_named(notification.notice.references)
    if intent is not None:
        await uow.attempts.ask_soon(intent.id, at=clock.now())
    verdict = Verdict(
        status="kept",
        payment_intent_id=intent.id if intent else None,
        provider_reference=notification.notice.provider_reference,
        discrepancy=None,
    )
    await uow.notifications.conclude(notification.id, verdict)
    return verdict
