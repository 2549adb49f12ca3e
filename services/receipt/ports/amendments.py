"""Corrections that were asked for, and the numbers under which they are told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from services.receipt.domain.amendments.amendment import Amendment, AmendmentState


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendmentFilter:
    agencies: frozenset[str] | None
    state: AmendmentState | None = None
    receipt_id: UUID | None = None
    before: UUID | None = None
    limit: int


class Amendments(Protocol):
    async def add(self, amendment: Amendment) -> None:
        """Raises AmendmentWaits while another one of the receipt is undecided or under way."""

    async def get(self, amendment_id: UUID) -> Amendment: ...

    async def get_for_update(self, amendment_id: UUID) -> Amendment: ...

    async def save(self, amendment: Amendment) -> None: ...

    async def draw_notice_number(self, agency_code: str, year: int) -> int:
        """The next of the agency's year, ours if the transaction commits."""

    async def list_page(self, wanted: AmendmentFilter) -> Sequence[Amendment]:
        """The latest first."""
