from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.duties import Reach
from services.payment.domain.intents.payment_intent import PaymentIntent, Status
from services.payment.ports.unit_of_work import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which intents: those in reach, of a state, of a dossier; from a place in the list."""

    reach: Reach
    status: Status | None = None
    dossier_id: UUID | None = None
    before: UUID | None = None
    limit: int = 50


async def list_payment_intents(wanted: Wanted, *, reading: Reading) -> Sequence[PaymentIntent]:
    async with reading:
        return await reading.intents.list_page(
            reach=wanted.reach,
            status=wanted.status,
            dossier_id=wanted.dossier_id,
            before=wanted.before,
            limit=wanted.limit,
        )
