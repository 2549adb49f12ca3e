from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.canonical import sha256_hex
from chassis.clock import Clock
from chassis.errors import Malformed
from chassis.ids import Ids
from chassis.money import Money
from services.payment.domain.errors import UnknownProvider, UnreadableNotice, WeakEvidence
from services.payment.domain.notices.provider_notification import (
    WEAK_EVIDENCE_LEVELS,
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Source,
    Verdict,
)
from services.payment.ports.providers import Capability, Provider
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.keep_unreadable_notification import (
    keep_unreadable_notification,
)
from services.payment.use_cases.notices.keep_weak_notification import keep_weak_notification
from services.payment.use_cases.notices.take_notification import take_notification


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A notice as it came through the gateway: who brought it, and how that was proved."""

    provider: str
    raw: bytes = field(repr=False)
    client_id: str | None
    evidence_id: str | None
    evidence_level: str | None


async def record_notification(
    arrival: Arrival,
    *,
    providers: Mapping[str, Provider],
    uow: UnitOfWork,
    clock: Clock,
    ids: Ids,
) -> Verdict:
    """Take a provider's word for money: kept as it came, acted on once, answered always the same.

    Notice and effect are one commit, so an answer means that both are safe.
    """
    provider = providers.get(arrival.provider)
    if provider is None or Capability.NOTIFIES not in provider.capabilities:
        raise UnknownProvider(arrival.provider)
    level = arrival.evidence_level
    if level is None or not _is_heard(level, provider):
        raise WeakEvidence(arrival.provider)
    if arrival.client_id != provider.client_id:
        raise WeakEvidence(arrival.provider)
    try:
        notice = provider.parse_notification(arrival.raw)
    except (UnreadableNotice, Malformed):
        unread = _kept(arrival, level, _unread(arrival, clock), clock=clock, ids=ids)
        await keep_unreadable_notification(unread, uow=uow, clock=clock, ids=ids)
        # Refused, so that its provider says it again: perhaps it is understood by then.
        raise
    notification = _kept(arrival, level, notice, clock=clock, ids=ids)
    async with uow:
        if notification.is_weak:
            return await keep_weak_notification(notification, uow=uow)
        return await take_notification(notification, uow=uow, clock=clock, ids=ids)


def _kept(
    arrival: Arrival, level: str, notice: ProviderNotice, *, clock: Clock, ids: Ids
) -> ProviderNotification:
    return ProviderNotification(
        id=ids.new(),
        provider=arrival.provider,
        source=Source.NOTICE,
        notice=notice,
        raw=arrival.raw,
        proof=None,
        evidence_id=arrival.evidence_id,
        evidence_level=level,
        received_at=clock.now(),
    )


def _unread(arrival: Arrival, clock: Clock) -> ProviderNotice:
    """What cannot be understood is known by its bytes alone."""
    return ProviderNotice(
        provider_reference=f"unread:{sha256_hex(arrival.raw)[:40]}",
        amount=Money.zero(),
        outcome=Outcome.UNKNOWN,
        paid_at=clock.now(),
    )


def _is_heard(level: str, provider: Provider) -> bool:
    """A weak word is worth keeping only if the provider can be asked whether it is so."""
    if level in WEAK_EVIDENCE_LEVELS:
        return Capability.ANSWERS_ENQUIRIES in provider.capabilities
    return level in provider.settling_evidence_levels
