from services.payment.domain.notices.judgement import receive
from services.payment.domain.notices.provider_notification import ProviderNotification, Verdict
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.find_paid_fee import find_paid_fee


async def keep_weak_notification(notification: ProviderNotification, *, uow: UnitOfWork) -> Verdict:
    """Inside a running transaction: store a weakly proved word, to be asked about at once.

    It settles nothing and raises no discrepancy; both are for what the provider answers.
    """
    known = await uow.notifications.add_once(notification)
    if known is not None:
        return known
    notice = notification.notice
    fee = await find_paid_fee(notice, provider=notification.provider, uow=uow)
    verdict = Verdict(
        status="kept",
        payment_intent_id=fee.intent.id if fee.intent else None,
        provider_reference=notice.provider_reference,
        discrepancy=None,
        reception=receive(notice, fee.intent),
    )
    await uow.notifications.conclude(notification.id, verdict)
    return verdict
