from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.errors import (
    AttemptInProgress,
    MethodNotConfirmed,
    MethodStartsNoAttempt,
    NobodyTakesMethod,
    ProviderUnavailable,
    TooManyAttempts,
)
from services.payment.domain.intents.method import FLOWS, Flow, Method
from services.payment.domain.intents.payment_attempt import (
    AttemptStatus,
    PaymentAttempt,
    attempt_deadline,
    next_enquiry,
)
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.domain.intents.routing import Availability
from services.payment.domain.methods.published import Place
from services.payment.ports.providers import (
    CheckoutOrder,
    Cheque,
    OrderLine,
    OrderSeed,
    OrderSubject,
    Provider,
)
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.methods.require_offered import require_offered

ATTEMPTS_MAX: Final = 50
STARTED_HERE: Final = frozenset({Flow.REDIRECT, Flow.TRANSFER, Flow.CLEARING})


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAttempt:
    """`bank_code` names the payer's bank where the method is one bank's; `cheque` is what is
    presented where the method is that."""

    method: Method
    return_url: str
    bank_code: str | None = None
    language: Literal["vi", "en"] = "vi"
    client_ip: str = "127.0.0.1"
    cheque: Cheque | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptTools:
    providers: Mapping[str, Provider]
    routes: Mapping[Method, Sequence[str]]
    availability: Availability
    clock: Clock
    ids: Ids


async def start_attempt(
    intent_id: UUID, wanted: WantedAttempt, *, uow: UnitOfWork, tools: AttemptTools
) -> PaymentAttempt:
    """Have the first provider that is able take this payment; the answer says where to pay.

    Each provider is asked between two transactions. One that cannot gives way to the next: nobody
    was told to pay there, so its attempt has failed. Asking again gets the attempt that lives.
    """
    if FLOWS[wanted.method] not in STARTED_HERE or _lacks_cheque(wanted):
        raise MethodStartsNoAttempt(wanted.method)
    async with uow:
        intent = await uow.intents.get(intent_id)
        intent.require_payable()
        if await uow.intents.find_confirmation(intent_id, wanted.method) is None:
            raise MethodNotConfirmed(wanted.method)
        live = await uow.attempts.find_live(intent_id, wanted.method)
        if live is None:
            await require_offered(
                wanted.method,
                intent.amount,
                methods=uow.methods,
                clock=tools.clock,
                place=_place_of(wanted.method),
            )
        number = await uow.attempts.last_number(intent_id)
    if live is not None:
        return _still_usable(live, wanted)
    if number >= ATTEMPTS_MAX:
        raise TooManyAttempts(ATTEMPTS_MAX)
    for provider in _able(wanted.method, tools):
        number += 1
        attempt = _new_attempt(intent, wanted, provider, number, tools)
        started = await _try(attempt, intent, wanted, provider=provider, uow=uow, tools=tools)
        if started is not None:
            return started
    raise NobodyTakesMethod(wanted.method)


def _lacks_cheque(wanted: WantedAttempt) -> bool:
    return (FLOWS[wanted.method] is Flow.CLEARING) != (wanted.cheque is not None)


def _place_of(method: Method) -> Place:
    """A cheque is handed over at the counter; all else that starts here is paid online."""
    return Place.COUNTER if FLOWS[method] is Flow.CLEARING else Place.ONLINE


def _still_usable(live: PaymentAttempt, wanted: WantedAttempt) -> PaymentAttempt:
    # A process that died while it asked for a page leaves an attempt that nobody can pay.
    is_payable = FLOWS[live.method] is not Flow.REDIRECT or live.pay_url is not None
    is_same = live.status is AttemptStatus.PENDING and live.bank_code == wanted.bank_code
    if is_same and is_payable:
        return live
    raise AttemptInProgress(live.method)


def _able(method: Method, tools: AttemptTools) -> Sequence[Provider]:
    routed = [name for name in tools.routes.get(method, ()) if name in tools.providers]
    in_order = tools.availability.in_order(routed, now=tools.clock.now())
    return [tools.providers[name] for name in in_order if method in tools.providers[name].methods]


def _new_attempt(
    intent: PaymentIntent,
    wanted: WantedAttempt,
    provider: Provider,
    number: int,
    tools: AttemptTools,
) -> PaymentAttempt:
    assert intent.bill_reference is not None, "a confirmed intent has a reference"
    now = tools.clock.now()
    expires_at = attempt_deadline(
        FLOWS[wanted.method], now=now, intent_expires_at=intent.expires_at
    )
    seed = OrderSeed(bill_reference=intent.bill_reference, number=number, started_at=now)
    named = provider.order_reference(seed)
    return PaymentAttempt(
        id=tools.ids.new(),
        payment_intent_id=intent.id,
        number=number,
        method=wanted.method,
        provider=provider.name,
        bill_reference=intent.bill_reference,
        # One that is told of no order knows the bill alone, however often it is tried.
        order_reference=None if named == intent.bill_reference else named,
        bank_code=wanted.bank_code,
        started_at=now,
        expires_at=expires_at,
        next_enquiry_at=next_enquiry(now=now, enquiries=0, expires_at=expires_at),
        status=AttemptStatus.CREATED,
    )


async def _try(
    attempt: PaymentAttempt,
    intent: PaymentIntent,
    wanted: WantedAttempt,
    *,
    provider: Provider,
    uow: UnitOfWork,
    tools: AttemptTools,
) -> PaymentAttempt | None:
    """None when this provider cannot take it."""
    async with uow:
        if not await uow.attempts.add_once(attempt):
            raise AttemptInProgress(wanted.method)
    try:
        checkout = await provider.start_checkout(_order(attempt, intent, wanted))
    except ProviderUnavailable as unavailable:
        tools.availability.note_failure(provider.name, at=tools.clock.now())
        async with uow:
            failed = attempt.failed(unavailable.message)
            await uow.attempts.save_ended(failed, at=tools.clock.now())
        return None
    started = attempt.started(pay_url=checkout.pay_url, alias_account=checkout.alias_account)
    async with uow:
        if not await uow.attempts.save_started(started):
            # Its money was quicker than our writing down where to pay it.
            intent = await uow.intents.get(intent.id)
            intent.require_payable()
    return started


def _order(attempt: PaymentAttempt, intent: PaymentIntent, wanted: WantedAttempt) -> CheckoutOrder:
    return CheckoutOrder(
        order_reference=attempt.order_reference or attempt.bill_reference,
        bill_reference=attempt.bill_reference,
        amount=intent.amount,
        description=f"Nop phi le phi {attempt.bill_reference}",
        method=wanted.method,
        bank_code=wanted.bank_code,
        language=wanted.language,
        client_ip=wanted.client_ip,
        return_url=wanted.return_url,
        started_at=attempt.started_at,
        expires_at=attempt.expires_at,
        lines=tuple(
            OrderLine(kind=line.kind, code=line.line_code, name=line.name, amount=line.amount)
            for line in intent.lines
        ),
        subject=OrderSubject(
            dossier_code=intent.dossier_code or intent.reference or attempt.bill_reference,
            procedure_code=intent.procedure_code or "",
            procedure_name=intent.procedure_name or "",
            agency_code=intent.agency_code,
            agency_name=intent.agency_name,
            payee=intent.payee,
        ),
        cheque=wanted.cheque,
    )
