from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import Protocol, Self

from chassis.ports import Outbox
from services.catalog.domain.agency import Agency
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.domain.payment_method import PaymentMethodNotice
from services.catalog.domain.procedure import Procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureSearch:
    """Procedures in force on a day whose folded text holds every word, after a code."""

    on: date
    words: tuple[str, ...]
    agency_code: str | None
    after: str
    limit: int


class Agencies(Protocol):
    async def get(self, code: str) -> Agency:
        """Raises AgencyNotFound."""

    async def list_by_codes(self, codes: Collection[str]) -> Sequence[Agency]: ...

    async def list_in_force(self, *, on: date, after: str, limit: int) -> Sequence[Agency]:
        """By code, those behind `after`."""

    async def add(self, agency: Agency) -> None: ...

    async def save(self, agency: Agency) -> None: ...


class Procedures(Protocol):
    async def get(self, code: str) -> Procedure:
        """Raises ProcedureNotFound."""

    async def list_by_codes(self, codes: Collection[str]) -> Sequence[Procedure]: ...

    async def list_found(self, search: ProcedureSearch) -> Sequence[Procedure]:
        """By code, those behind `search.after`."""

    async def add(self, procedure: Procedure) -> None: ...

    async def save(self, procedure: Procedure) -> None: ...


class FeeSchedules(Protocol):
    async def find_on(self, procedure_code: str, day: date) -> FeeSchedule | None: ...

    async def list_by_procedures(self, codes: Collection[str]) -> Sequence[FeeSchedule]: ...

    async def add(self, schedule: FeeSchedule) -> None: ...

    async def save_end_and_explanation(self, schedule: FeeSchedule) -> None:
        """All that may change of a published schedule."""


class PaymentMethods(Protocol):
    async def list_all(self) -> Sequence[PaymentMethodNotice]:
        """In the order in which they were published."""

    async def replace_all(self, methods: Sequence[PaymentMethodNotice]) -> None: ...


class Reading(Protocol):
    """The catalogue as it is, for those who only look."""

    @property
    def agencies(self) -> Agencies: ...

    @property
    def procedures(self) -> Procedures: ...

    @property
    def fee_schedules(self) -> FeeSchedules: ...

    @property
    def payment_methods(self) -> PaymentMethods: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class UnitOfWork(Reading, Protocol):
    """One transaction: what is written and what is said happen together or not at all."""

    @property
    def outbox(self) -> Outbox: ...

    async def lock(self) -> None:
        """Wait until no other load runs: overlaps are judged over all that is stored."""
