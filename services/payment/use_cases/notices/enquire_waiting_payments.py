from collections.abc import Mapping
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.events import PaymentExpiredV1
from services.payment.domain.intents.payment_attempt import AttemptStatus, PaymentAttempt
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Source,
)
from services.payment.ports.providers import Capability, EnquiryAnswer, Provider, Question
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.take_notification import take_notification

BATCH_MAX: Final = 20
# The provider has said all there is: no money, or money that is recorded by then.
KNOWN: Final = frozenset({Outcome.FAILED, Outcome.SUCCEEDED})
NO_ANSWER: Final = EnquiryAnswer(outcome=Outcome.UNKNOWN)


async def enquire_waiting_payments(
    *, providers: Mapping[str, Provider], uow: UnitOfWork, clock: Clock, ids: Ids
) -> Mapping[Outcome, int]:
    """Ask providers about money we wait for; record what they report; expire what is overdue.

    Each question stands between two transactions. Nothing expires before its provider, asked
    after the deadline, told what came. Says how often which outcome was heard.
    """
    async with uow:
        due = await uow.attempts.claim_due(now=clock.now(), limit=BATCH_MAX)
        due_by = await uow.pauses.deadline_time(clock.now())
    heard = dict.fromkeys(Outcome, 0)
    for attempt in due:
        overdue = attempt.is_overdue(due_by)
        answer = await _ask(attempt, providers)
        heard[answer.outcome] += 1
        for notice in answer.notices:
            await _record(notice, attempt, answer, uow=uow, clock=clock, ids=ids)
        if overdue and answer.outcome in KNOWN:
            await _expire(attempt, uow=uow, clock=clock)
        else:
            await _note_answer(attempt, answer.outcome, uow=uow)
    return heard


async def _ask(attempt: PaymentAttempt, providers: Mapping[str, Provider]) -> EnquiryAnswer:
    provider = providers.get(attempt.provider)
    if provider is None or Capability.ANSWERS_ENQUIRIES not in provider.capabilities:
        return NO_ANSWER
    return await provider.enquire(
        Question(
            order_reference=None,
            provider_reference=None,
            bill_reference=attempt.bill_reference,
            account_number=None,
            amount=None,
            since=attempt.started_at,
        )
    )


async def _record(
    notice: ProviderNotice,
    attempt: PaymentAttempt,
    answer: EnquiryAnswer,
    *,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> None:
    notification = ProviderNotification(
        id=ids.new(),
        provider=attempt.provider,
        source=Source.ENQUIRY,
        notice=notice,
        raw=answer.raw,
        proof=answer.proof,
        evidence_id=None,
        evidence_level=answer.evidence_level,
        received_at=clock.now(),
    )
    async with uow:
        await take_notification(notification, uow=uow, clock=clock, ids=ids)


async def _expire(attempt: PaymentAttempt, *, uow: UnitOfWork, clock: Clock) -> None:
    now = clock.now()
    async with uow:
        # Money that was recorded since we asked has moved the intent on; then nothing expires.
        due_by = await uow.pauses.deadline_time(now)
        if not await uow.intents.save_expired(attempt.payment_intent_id, now=due_by):
            return
        await uow.attempts.end_live(attempt.payment_intent_id, AttemptStatus.EXPIRED, at=now)
        intent = await uow.intents.get(attempt.payment_intent_id)
        await uow.outbox.add(PaymentExpiredV1.of(intent, expired_at=now), subject=str(intent.id))


async def _note_answer(attempt: PaymentAttempt, outcome: Outcome, *, uow: UnitOfWork) -> None:
    status = AttemptStatus.UNKNOWN if outcome is Outcome.UNKNOWN else AttemptStatus.PENDING
    if status is not attempt.status:
        async with uow:
            await uow.attempts.save_answered(attempt.move_to(status))
