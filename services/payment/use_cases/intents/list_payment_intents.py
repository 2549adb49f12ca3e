from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final
from uuid import UUID

from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.ports.intents import IntentFilter
from services.payment.ports.unit_of_work import Reading

AT_ONCE: Final = 500


async def list_payment_intents(
    wanted: IntentFilter, *, before: UUID | None, limit: int, reading: Reading
) -> Sequence[PaymentIntent]:
    async with reading:
        return await reading.intents.list_page(wanted, before=before, limit=limit)


async def each_payment_intent(
    wanted: IntentFilter, *, before: UUID | None, limit: int, open_reading: Callable[[], Reading]
) -> AsyncIterator[PaymentIntent]:
    """So many of them, the latest first, of which few are held at once."""
    while limit > 0:
        size = min(limit, AT_ONCE)
        page = await list_payment_intents(wanted, before=before, limit=size, reading=open_reading())
        for intent in page:
            yield intent
        if len(page) < size:
            return
        limit -= size
        before = page[-1].id
