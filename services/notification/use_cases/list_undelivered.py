from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from services.notification.domain.message import Message
from services.notification.ports import LetterRecords, Undelivered

# A letter goes out within seconds when the mail server takes it.
LATE_AFTER: Final = timedelta(minutes=1)


async def list_undelivered(
    *, before: UUID | None, limit: int, letters: LetterRecords, clock: Clock
) -> Sequence[Message]:
    """Receipts whose letter failed or should have gone by now, the latest first."""
    late_before = clock.now() - LATE_AFTER
    return await letters.list_undelivered(late_before=late_before, before=before, limit=limit)


async def count_undelivered(*, letters: LetterRecords, clock: Clock) -> Undelivered:
    return await letters.count_undelivered(late_before=clock.now() - LATE_AFTER)
