from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.events import PaymentDiscrepancyFoundV1, PaymentSucceededV1
from services.payment.domain.intents.payment_attempt import AttemptStatus
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.ledger.transaction import settlement, suspense
from services.payment.domain.notices.judgement import Effect, discrepancy_of, judge, payment_of
from services.payment.domain.notices.provider_notification import ProviderNotification, Verdict
from services.payment.ports.unit_of_work import UnitOfWork


async def take_notification(
    notification: ProviderNotification, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Verdict:
    """Inside a running transaction: store a provider's word, and let it have its effect once."""
    known = await uow.notifications.add_once(notification)
    if known is not None:
        return known
    notice = notification.notice
    intent = await uow.intents.find_named(notice.references)
    judged = judge(notice, provider=notification.provider, intent=intent)
    if judged.effect is Effect.SETTLE and intent is not None:
        if await _settle(intent, notification, uow=uow, clock=clock, ids=ids):
            return await _conclude(notification, intent, uow=uow, settled=True)
        # Somebody else moved the intent between our look and our step: judge what it is now.
        intent = await uow.intents.get(intent.id)
        judged = judge(notice, provider=notification.provider, intent=intent)
    if judged.reason is not None:
        await _keep(notification, judged.reason, intent, uow=uow, clock=clock, ids=ids)
    return await _conclude(
        notification,
        intent,
        uow=uow,
        settled=judged.effect is Effect.REPEAT,
        reason=judged.reason,
    )


async def _settle(
    intent: PaymentIntent,
    notification: ProviderNotification,
    *,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> bool:
    paid = intent.succeed(payment_of(notification))
    now = clock.now()
    if not await uow.intents.save_succeeded(paid, at=now):
        return False
    await uow.ledger.post(
        settlement(paid, id=ids.new(), provider=notification.provider, posted_at=now)
    )
    await uow.attempts.end_live(paid.id, AttemptStatus.SUCCEEDED, at=now)
    await uow.outbox.add(PaymentSucceededV1.of(paid), subject=str(paid.id))
    return True


async def _keep(
    notification: ProviderNotification,
    reason: Reason,
    intent: PaymentIntent | None,
    *,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> None:
    now = clock.now()
    found = discrepancy_of(notification, reason, id=ids.new(), intent=intent, found_at=now)
    await uow.discrepancies.add(found)
    await uow.ledger.post(suspense(found, id=ids.new(), posted_at=now))
    await uow.outbox.add(PaymentDiscrepancyFoundV1.of(found), subject=str(found.id))


async def _conclude(
    notification: ProviderNotification,
    intent: PaymentIntent | None,
    *,
    uow: UnitOfWork,
    settled: bool,
    reason: Reason | None = None,
) -> Verdict:
    verdict = Verdict(
        status="settled" if settled else "kept",
        payment_intent_id=intent.id if intent else None,
        provider_reference=notification.notice.provider_reference,
        discrepancy=reason,
    )
    await uow.notifications.conclude(notification.id, verdict)
    return verdict
