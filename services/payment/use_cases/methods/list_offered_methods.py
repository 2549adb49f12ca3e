from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from chassis.errors import Refused
from services.payment.domain.errors import UnknownPaymentIntent
from services.payment.domain.methods.published import PublishedMethod
from services.payment.ports.unit_of_work import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A published method, and why it cannot be used for this fee now, if it cannot."""

    method: PublishedMethod
    refusal: Refused | None


async def list_offered_methods(
    intent_id: UUID, *, reach: Reach, reading: Reading, clock: Clock
) -> Sequence[Offer]:
    """In the catalogue's order; none before its first word. Providers' health is not shown:
    it changes by the minute, and a try falls back from one to the next."""
    async with reading:
        intent = await reading.intents.get(intent_id)
        published = await reading.methods.find()
    if not reach.covers(client_id=intent.client_id, agency_code=intent.agency_code):
        raise UnknownPaymentIntent(intent_id)
    now = clock.now()
    methods = published.methods if published else ()
    return [
        Offer(method=method, refusal=method.refusal(intent.amount, at=now)) for method in methods
    ]
