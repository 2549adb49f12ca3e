"""What the use cases need of the outside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import TracebackType
from typing import Protocol, Self
from uuid import UUID

from chassis.duties import Reach
from chassis.ports import Inbox, Outbox
from services.dossier.domain.catalog import Agency, FeeSchedule, Procedure
from services.dossier.domain.dossier import Applicant, Dossier, Step
from services.dossier.domain.fee_request import FeeRequest
from services.dossier.domain.receipt import Receipt, Standing
from services.dossier.domain.refund import Refund
from services.dossier.domain.slip import Slip
from services.dossier.domain.state import State


class Catalog(Protocol):
    """Copies of the catalog's facts. A fact published earlier never replaces a later one."""

    async def find_agency(self, agency_code: str, *, on: date) -> Agency | None: ...

    async def find_procedure(self, procedure_code: str, *, on: date) -> Procedure | None: ...

    async def find_schedule(self, procedure_code: str, *, on: date) -> FeeSchedule | None:
        """The schedule in force on this day; the younger one should two claim it."""

    async def keep_agency(self, agency: Agency, *, published_at: datetime) -> None: ...

    async def keep_procedure(self, procedure: Procedure, *, published_at: datetime) -> None: ...

    async def keep_schedule(self, schedule: FeeSchedule, *, published_at: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    client_id: str
    idempotency_key: str
    request_fingerprint: str
    dossier_id: UUID


class Submissions(Protocol):
    async def claim(self, submission: Submission) -> bool:
        """False when the client has used this key; waits for a transaction that is using it."""

    async def get(self, client_id: str, idempotency_key: str) -> Submission: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierFilter:
    reach: Reach
    code: str | None = None
    state: State | None = None
    # Only dossiers older than this one.
    before: UUID | None = None


class Dossiers(Protocol):
    async def next_number(self, agency_code: str, day: date) -> int:
        """1, 2, 3 … for this unit and day; a transaction that fails gives its number back."""

    async def add(self, dossier: Dossier, applicant: Applicant) -> None: ...

    async def get(self, dossier_id: UUID) -> Dossier: ...

    async def find_for_update(self, *, fee_request_id: UUID) -> Dossier | None:
        """The dossier that asked for this fee, held until the transaction ends."""

    async def save(self, dossier: Dossier, steps: Sequence[Step]) -> None:
        """Store where the dossier went; refused when somebody else moved it meanwhile."""

    async def applicant_of(self, dossier_id: UUID) -> Applicant: ...

    async def steps_of(self, dossier_id: UUID) -> tuple[Step, ...]: ...

    async def list_newest(self, wanted: DossierFilter, *, limit: int) -> Sequence[Dossier]: ...


class FeeRequests(Protocol):
    async def add(self, request: FeeRequest) -> None: ...

    async def get(self, fee_request_id: UUID) -> FeeRequest: ...

    async def find_of(self, dossier_id: UUID) -> FeeRequest | None: ...

    async def save(self, request: FeeRequest) -> None: ...


class Receipts(Protocol):
    async def add_once(self, receipt: Receipt) -> None: ...

    async def keep_standing(self, receipt_id: UUID, standing: Standing) -> None:
        """Whether the receipt was heard of yet or not: events come in any order."""

    async def list_of(self, fee_request_id: UUID) -> tuple[Receipt, ...]: ...


class Refunds(Protocol):
    async def keep(self, refund: Refund) -> None:
        """How a refund ended is never overwritten by the older news that it was asked for."""

    async def list_of(self, fee_request_id: UUID) -> tuple[Refund, ...]:
        """The oldest first."""


class Slips(Protocol):
    async def find(self, dossier_id: UUID, content_sha256: str) -> bytes | None: ...

    async def add_once(self, dossier_id: UUID, slip: Slip, *, pdf: bytes, at: datetime) -> bytes:
        """Keep the paper unless this one was drawn before; answer with the one that is kept."""


class Reading(Protocol):
    """Looks at what is stored; commits nothing."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def dossiers(self) -> Dossiers: ...

    @property
    def fee_requests(self) -> FeeRequests: ...

    @property
    def receipts(self) -> Receipts: ...

    @property
    def refunds(self) -> Refunds: ...

    @property
    def slips(self) -> Slips: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class UnitOfWork(Reading, Protocol):
    """Everything inside happens, or nothing does."""

    @property
    def submissions(self) -> Submissions: ...

    @property
    def inbox(self) -> Inbox: ...

    @property
    def outbox(self) -> Outbox: ...


class SlipRenderer(Protocol):
    async def render(self, slip: Slip) -> bytes:
        """The slip as a PDF; the same slip gives the same bytes."""
