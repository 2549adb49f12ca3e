from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.payment.domain.refunds.refund import Refund, RefundStatus
from services.payment.ports.providers import Capability, Provider
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.refunds.move_refund import move_refund
from services.payment.use_cases.refunds.sealed_account import account_of
from services.payment.use_cases.refunds.take_answer import order_of, take_answer

BATCH_MAX: Final = 20
# Who wakes up later than this after noting that it sends leaves the rest to an enquiry.
SENDING_TIME_MAX: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundTools:
    """Whom refunds are sent to, and what opens the accounts they go to."""

    providers: Mapping[str, Provider]
    seals: SealingPort


async def send_approved_refunds(
    *, tools: RefundTools, uow: UnitOfWork, clock: Clock, ids: Ids
) -> int:
    """Send what was approved, each once: that it is sent is stored before its provider hears of it.

    A crash from there on leads to a question to the provider, never to a second order. What no
    provider can carry out waits for an accountant. The answer: how many were taken up.
    """
    for count in range(BATCH_MAX):
        async with uow:
            approved = await uow.refunds.claim_approved()
            if approved is None:
                return count
            sending = approved.send(at=clock.now())
            await move_refund(sending, leaving=RefundStatus.APPROVED, uow=uow, clock=clock, ids=ids)
            provider = _carrier(sending, tools.providers)
            if provider is None:
                await move_refund(
                    sending.leave_to_people(),
                    leaving=RefundStatus.SENDING,
                    uow=uow,
                    clock=clock,
                    ids=ids,
                )
        if provider is not None:
            await _send(sending, provider, tools=tools, uow=uow, clock=clock, ids=ids)
    return BATCH_MAX


async def _send(
    refund: Refund,
    provider: Provider,
    *,
    tools: RefundTools,
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> None:
    order = replace(order_of(refund), account=account_of(refund, tools.seals))
    if refund.sending_at is None or clock.now() - refund.sending_at > SENDING_TIME_MAX:
        return
    answer = await provider.refund(order)
    await take_answer(refund, answer, provider, uow=uow, clock=clock, ids=ids)


def _carrier(refund: Refund, providers: Mapping[str, Provider]) -> Provider | None:
    provider = providers.get(refund.source.provider)
    needed = Capability.REFUNDS if refund.account_sealed is None else Capability.REFUNDS_TO_ACCOUNTS
    return provider if provider is not None and needed in provider.capabilities else None
