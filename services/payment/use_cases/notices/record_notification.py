from collections.abc import Mapping
from dataclasses import dataclass, field

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.errors import UnknownProvider, WeakEvidence
from services.payment.domain.notices.provider_notification import (
    WEAK_EVIDENCE_LEVELS,
    ProviderNotification,
    Source,
    Verdict,
)
from services.payment.ports.providers import Capability, Provider
from services.payment.ports.unit_of_work import UnitOfWork
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
    notification = ProviderNotification(
        id=ids.new(),
        provider=arrival.provider,
        source=Source.NOTICE,
        notice=provider.parse_notification(arrival.raw),
        raw=arrival.raw,
        proof=None,
        evidence_id=arrival.evidence_id,
        evidence_level=level,
        received_at=clock.now(),
    )
    async with uow:
        if notification.is_weak:
            return await keep_weak_notification(notification, uow=uow)
        return await take_notification(notification, uow=uow, clock=clock, ids=ids)


def _is_heard(level: str, provider: Provider) -> bool:
    """A weak word is worth keeping only if the provider can be asked whether it is so."""
    if level in WEAK_EVIDENCE_LEVELS:
        return Capability.ANSWERS_ENQUIRIES in provider.capabilities
    return level in provider.settling_evidence_levels
