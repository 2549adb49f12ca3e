"""Many receipts' files for one person, in parts: what a slow line lost is fetched again alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Self
from uuid import UUID

# A part is a few megabytes: whoever passes it on may hold it whole.
PART_RECEIPTS: Final = 50
RECEIPTS_MAX: Final = 20_000
TRIES_MAX: Final = 5


class DownloadState(StrEnum):
    ASKED = "asked"
    RUNNING = "running"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """The receipts are named when it is asked for: what comes later is in none of its parts."""

    id: UUID
    asked_by: str
    asked_at: datetime
    idempotency_key: str
    fingerprint: str
    pdf: bool
    receipts: Sequence[UUID] = field(repr=False)
    state: DownloadState = DownloadState.ASKED
    done: int = 0
    tries: int = 0

    @property
    def parts(self) -> int:
        return -(-len(self.receipts) // PART_RECEIPTS)

    def part(self, number: int) -> Sequence[UUID]:
        return self.receipts[(number - 1) * PART_RECEIPTS : number * PART_RECEIPTS]

    def begun(self) -> Self:
        return replace(self, state=DownloadState.RUNNING, tries=self.tries + 1)

    def reached(self, done: int) -> Self:
        ready = done == len(self.receipts)
        return replace(self, done=done, state=DownloadState.READY if ready else self.state)

    def stopped(self) -> Self:
        """It is tried again for a while: a signer or an issuer may be back by then."""
        given_up = self.tries >= TRIES_MAX
        return replace(self, state=DownloadState.FAILED) if given_up else self
