from collections.abc import Mapping
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.events import PaymentExpiredV1
from services.payment.domain.intents.payment_attempt import AttemptStatus, PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.notices.provider_notification import Outcome
from services.payment.ports.providers import Capability, EnquiryAnswer, Provider, Question
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.record_answer import record_answer

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
        fees = [await uow.intents.get(attempt.payment_intent_id) for attempt in due]
        due_by = await uow.pauses.deadline_time(clock.now())
    heard = dict.fromkeys(Outcome, 0)
    for attempt, fee in zip(due, fees, strict=True):
        overdue = attempt.is_overdue(due_by)
        answer = await _ask(attempt, fee, providers)
        heard[answer.outcome] += 1
        await record_answer(answer, provider=attempt.provider, uow=uow, tools=(clock, ids))
        if overdue and answer.outcome in KNOWN:
            await _expire(attempt, uow=uow, clock=clock)
        else:
            await _note_answer(attempt, answer.outcome, uow=uow, clock=clock)
    return heard


async def _ask(
    attempt: PaymentAttempt, fee: PaymentIntent, providers: Mapping[str, Provider]
) -> EnquiryAnswer:
    provider = providers.get(attempt.provider)
    if provider is None or Capability.ANSWERS_ENQUIRIES not in provider.capabilities:
        return NO_ANSWER
    return await provider.enquire(
        Question(
            order_reference=attempt.order_reference,
            provider_reference=None,
            bill_reference=attempt.bill_reference,
            account_number=fee.payee.account_number,
            amount=fee.amount,
            since=attempt.started_at,
        )
    )


async def _expire(attempt: PaymentAttempt, *, uow: UnitOfWork, clock: Clock) -> None:
    """The attempt is over; the fee expires with the last of its attempts, if its time is up."""
    now = clock.now()
    async with uow:
        # Intents are held before their attempts, here as when money settles: no two deadlock.
        await uow.intents.get_for_update(attempt.payment_intent_id)
        # Money that was recorded since we asked has moved attempt and intent on already.
        await uow.attempts.save_ended(attempt.move_to(AttemptStatus.EXPIRED), at=now)
        due_by = await uow.pauses.deadline_time(now)
        if not await uow.intents.save_expired(attempt.payment_intent_id, now=due_by):
            return
        intent = await uow.intents.get(attempt.payment_intent_id)
        await uow.outbox.add(PaymentExpiredV1.of(intent, expired_at=now), subject=str(intent.id))


async def _note_answer(
    attempt: PaymentAttempt, outcome: Outcome, *, uow: UnitOfWork, clock: Clock
) -> None:
    if attempt.status is AttemptStatus.CREATED and outcome is Outcome.FAILED:
        # It never heard of the order, and nobody was told to pay there.
        async with uow:
            await uow.attempts.save_ended(attempt.failed("not begun"), at=clock.now())
        return
    status = AttemptStatus.UNKNOWN if outcome is Outcome.UNKNOWN else AttemptStatus.PENDING
    if status is not attempt.status:
        async with uow:
            await uow.attempts.save_answered(attempt.move_to(status))
