from collections.abc import Sequence
from dataclasses import dataclass, replace

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.events import PaymentSucceededV1
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.ledger.accounts import clearing
from services.payment.domain.ledger.transaction import settlement
from services.payment.domain.notices.contradiction import denials, in_the_books, outweighs
from services.payment.domain.notices.judgement import (
    Effect,
    Judgement,
    discrepancy_of,
    judge,
    payment_of,
    receive,
)
from services.payment.domain.notices.provider_notification import (
    EarlierWord,
    Outcome,
    ProviderNotification,
    Verdict,
)
from services.payment.ports.intents import PaidAttempt
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.find_paid_fee import PaidFee, find_paid_fee
from services.payment.use_cases.notices.open_case import open_case, supersede_case

CONTRADICTION = Judgement(Effect.DISCREPANCY, Reason.CONTRADICTORY_NOTICE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taking:
    """One word on its way to its effect."""

    notification: ProviderNotification
    uow: UnitOfWork
    clock: Clock
    ids: Ids


async def take_notification(
    notification: ProviderNotification, *, uow: UnitOfWork, clock: Clock, ids: Ids
) -> Verdict:
    """Inside a running transaction: store a provider's word, and let it have its effect once."""
    known = await uow.notifications.add_once(notification)
    if known is not None:
        return known
    taking = _Taking(notification=notification, uow=uow, clock=clock, ids=ids)
    notice = notification.notice
    fee = await find_paid_fee(notice, provider=notification.provider, uow=uow)
    words = await uow.notifications.list_words(notification)
    reception = receive(notice, fee.intent)
    match notice.outcome:
        case Outcome.SUCCEEDED:
            fee, judged = await _take_money(taking, fee, words)
        case Outcome.FAILED:
            judged = await _take_denial(taking, fee, words)
        case _:
            judged = Judgement(Effect.KEEP)
    if judged.reason is not None:
        await _open(taking, judged.reason, fee.intent)
    verdict = Verdict(
        status="settled" if judged.effect in (Effect.SETTLE, Effect.REPEAT) else "kept",
        payment_intent_id=fee.intent.id if fee.intent else None,
        provider_reference=notice.provider_reference,
        discrepancy=judged.reason,
        reception=reception,
    )
    await uow.notifications.conclude(notification.id, verdict)
    return verdict


async def _take_money(
    taking: _Taking, fee: PaidFee, words: Sequence[EarlierWord]
) -> tuple[PaidFee, Judgement]:
    notification = taking.notification
    judged = judge(notification.notice, provider=notification.provider, intent=fee.intent)
    counted = in_the_books(words)
    if counted is not None and counted.settled:
        return fee, judged if judged.effect is Effect.REPEAT else CONTRADICTION
    if judged.effect is Effect.SETTLE and fee.intent is not None:
        if await _settle(taking, fee, fee.intent):
            judged = Judgement(Effect.SETTLE)
        else:
            # Somebody else moved the intent between our look and our step.
            fee = replace(fee, intent=await taking.uow.intents.get(fee.intent.id))
            judged = judge(notification.notice, provider=notification.provider, intent=fee.intent)
    if counted is not None and counted.case_id is not None:
        judged = await _weigh(taking, judged, counted)
    for denial in denials(words):
        await _open(taking, Reason.CONTRADICTORY_NOTICE, fee.intent, said_in=denial)
    return fee, judged


async def _weigh(taking: _Taking, judged: Judgement, counted: EarlierWord) -> Judgement:
    """The same movement is in suspense already, as something else: it is counted once."""
    settles = judged.effect is Effect.SETTLE
    if not settles and not outweighs(taking.notification.notice, counted):
        return CONTRADICTION
    assert counted.case_id is not None
    superseded = await supersede_case(
        counted.case_id, uow=taking.uow, clock=taking.clock, ids=taking.ids
    )
    return judged if superseded or settles else CONTRADICTION


async def _take_denial(taking: _Taking, fee: PaidFee, words: Sequence[EarlierWord]) -> Judgement:
    """The provider says that no money moved: that attempt is over, if it did not say otherwise."""
    if in_the_books(words) is not None:
        return CONTRADICTION
    if fee.attempt is not None and fee.attempt.is_live:
        ended = fee.attempt.failed(taking.notification.notice.failure or "refused")
        await taking.uow.attempts.save_ended(ended, at=taking.clock.now())
    return Judgement(Effect.KEEP)


async def _settle(taking: _Taking, fee: PaidFee, intent: PaymentIntent) -> bool:
    uow, notification = taking.uow, taking.notification
    method = notification.method or (fee.attempt.method if fee.attempt else Method.VIETQR)
    paid = intent.succeed(payment_of(notification, method=method))
    now = taking.clock.now()
    if not await uow.intents.save_succeeded(paid, at=now):
        return False
    await uow.ledger.post(
        settlement(
            paid,
            id=taking.ids.new(),
            collected_in=notification.account or clearing(notification.provider),
            posted_at=now,
        )
    )
    by = PaidAttempt(fee.attempt.id if fee.attempt else None, notification.provider)
    await uow.attempts.end_paid(paid.id, paid=by, at=now)
    await uow.outbox.add(PaymentSucceededV1.of(paid), subject=str(paid.id))
    return True


async def _open(
    taking: _Taking,
    reason: Reason,
    intent: PaymentIntent | None,
    *,
    said_in: EarlierWord | None = None,
) -> None:
    """`said_in`: the case is about an earlier word, and not about the one being taken."""
    notification = taking.notification
    if said_in is not None:
        notification = replace(
            notification,
            id=said_in.notification_id,
            notice=replace(notification.notice, amount=said_in.amount),
        )
    found = discrepancy_of(
        notification, reason, id=taking.ids.new(), intent=intent, found_at=taking.clock.now()
    )
    if reason is Reason.UNKNOWN_REFERENCE:
        fitting = await taking.uow.intents.find_fitting(notification.notice)
        found = replace(found, proposed_intent_id=fitting.id if fitting else None)
    if intent is None:
        notice = notification.notice
        credited = await taking.uow.discrepancies.find_account_agency(
            notice.bank_bin, notice.account_number
        )
        found = replace(found, account_agency_code=credited)
    await open_case(found, uow=taking.uow, clock=taking.clock, ids=taking.ids)
