"""The ports in memory. A transaction that fails is undone, as storage undoes it."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from chassis.events import EventData
from chassis.testing import RecordingOutbox, SetInbox
from services.dossier.domain.catalog import Agency, FeeSchedule, Procedure
from services.dossier.domain.dossier import Applicant, Dossier, Step
from services.dossier.domain.errors import DossierNotFound, OvertakenMeanwhile
from services.dossier.domain.fee_request import FeeRequest
from services.dossier.domain.receipt import Receipt, Standing
from services.dossier.domain.refund import Refund, RefundStatus
from services.dossier.domain.slip import Slip
from services.dossier.ports import DossierFilter, Submission
from tests.dossier.samples import AGENCY, PROCEDURE, SCHEDULE


@dataclass
class Memory:
    """All that is stored, in one place, so that it can be put back as it was."""

    agencies: list[Agency] = field(default_factory=lambda: [AGENCY])
    procedures: list[Procedure] = field(default_factory=lambda: [PROCEDURE])
    schedules: list[FeeSchedule] = field(default_factory=lambda: [SCHEDULE])
    submissions: dict[tuple[str, str], Submission] = field(default_factory=dict)
    counters: dict[tuple[str, date], int] = field(default_factory=dict)
    dossiers: dict[UUID, Dossier] = field(default_factory=dict)
    applicants: dict[UUID, Applicant] = field(default_factory=dict)
    steps: dict[UUID, tuple[Step, ...]] = field(default_factory=dict)
    fee_requests: dict[UUID, FeeRequest] = field(default_factory=dict)
    receipts: dict[UUID, Receipt] = field(default_factory=dict)
    standings: dict[UUID, Standing] = field(default_factory=dict)
    refunds: dict[UUID, Refund] = field(default_factory=dict)
    slips: dict[tuple[UUID, str], bytes] = field(default_factory=dict)
    events: list[EventData] = field(default_factory=list)

    def snapshot(self) -> dict[str, Any]:
        return {name: copy(value) for name, value in vars(self).items()}

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        vars(self).update(snapshot)


class FakeCatalog:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def find_agency(self, agency_code: str, *, on: date) -> Agency | None:
        fitting = (a for a in self._memory.agencies if a.agency_code == agency_code)
        return next((a for a in fitting if _holds(a.valid_from, a.valid_to, on)), None)

    async def find_procedure(self, procedure_code: str, *, on: date) -> Procedure | None:
        fitting = (p for p in self._memory.procedures if p.procedure_code == procedure_code)
        return next((p for p in fitting if _holds(p.valid_from, p.valid_to, on)), None)

    async def find_schedule(self, procedure_code: str, *, on: date) -> FeeSchedule | None:
        fitting = [
            s
            for s in self._memory.schedules
            if s.procedure_code == procedure_code and _holds(s.valid_from, s.valid_to, on)
        ]
        return max(fitting, key=lambda s: s.valid_from, default=None)

    async def keep_agency(self, agency: Agency, *, published_at: datetime) -> None:
        self._memory.agencies.append(agency)

    async def keep_procedure(self, procedure: Procedure, *, published_at: datetime) -> None:
        self._memory.procedures.append(procedure)

    async def keep_schedule(self, schedule: FeeSchedule, *, published_at: datetime) -> None:
        self._memory.schedules.append(schedule)


class FakeSubmissions:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def claim(self, submission: Submission) -> bool:
        key = (submission.client_id, submission.idempotency_key)
        if key in self._memory.submissions:
            return False
        self._memory.submissions[key] = submission
        return True

    async def get(self, client_id: str, idempotency_key: str) -> Submission:
        return self._memory.submissions[client_id, idempotency_key]


class FakeDossiers:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def next_number(self, agency_code: str, day: date) -> int:
        number = self._memory.counters.get((agency_code, day), 0) + 1
        self._memory.counters[agency_code, day] = number
        return number

    async def add(self, dossier: Dossier, applicant: Applicant) -> None:
        self._memory.dossiers[dossier.id] = dossier
        self._memory.applicants[dossier.id] = applicant

    async def get(self, dossier_id: UUID) -> Dossier:
        if dossier_id not in self._memory.dossiers:
            raise DossierNotFound
        return self._memory.dossiers[dossier_id]

    async def find_for_update(self, *, fee_request_id: UUID) -> Dossier | None:
        request = self._memory.fee_requests.get(fee_request_id)
        return self._memory.dossiers[request.dossier_id] if request else None

    async def save(self, dossier: Dossier, steps: Sequence[Step]) -> None:
        if self._memory.dossiers[dossier.id].steps_made != dossier.steps_made - len(steps):
            raise OvertakenMeanwhile(dossier.id)
        self._memory.dossiers[dossier.id] = dossier
        self._memory.steps[dossier.id] = (*self._memory.steps.get(dossier.id, ()), *steps)

    async def applicant_of(self, dossier_id: UUID) -> Applicant:
        return self._memory.applicants[dossier_id]

    async def steps_of(self, dossier_id: UUID) -> tuple[Step, ...]:
        return self._memory.steps.get(dossier_id, ())

    async def list_newest(self, wanted: DossierFilter, *, limit: int) -> Sequence[Dossier]:
        fitting = (
            dossier
            for dossier in self._memory.dossiers.values()
            if wanted.reach.covers(client_id=dossier.client_id, agency_code=dossier.agency.code)
            and wanted.code in (None, dossier.code)
            and wanted.state in (None, dossier.state)
            and (wanted.before is None or dossier.id < wanted.before)
        )
        return sorted(fitting, key=lambda dossier: dossier.id, reverse=True)[:limit]


class FakeFeeRequests:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def add(self, request: FeeRequest) -> None:
        self._memory.fee_requests[request.id] = request

    async def get(self, fee_request_id: UUID) -> FeeRequest:
        return self._memory.fee_requests[fee_request_id]

    async def find_of(self, dossier_id: UUID) -> FeeRequest | None:
        of_dossier = (r for r in self._memory.fee_requests.values() if r.dossier_id == dossier_id)
        return next(of_dossier, None)

    async def save(self, request: FeeRequest) -> None:
        self._memory.fee_requests[request.id] = request


class FakeRefunds:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def keep(self, refund: Refund) -> None:
        stored = self._memory.refunds.get(refund.refund_id)
        if stored is None or stored.status is RefundStatus.REQUESTED:
            self._memory.refunds[refund.refund_id] = refund

    async def list_of(self, fee_request_id: UUID) -> tuple[Refund, ...]:
        stored = self._memory.refunds.values()
        return tuple(one for one in stored if one.fee_request_id == fee_request_id)


class FakeReceipts:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def add_once(self, receipt: Receipt) -> None:
        self._memory.receipts.setdefault(receipt.receipt_id, receipt)

    async def keep_standing(self, receipt_id: UUID, standing: Standing) -> None:
        self._memory.standings[receipt_id] = standing

    async def list_of(self, fee_request_id: UUID) -> tuple[Receipt, ...]:
        return tuple(
            replace(one, standing=self._memory.standings.get(one.receipt_id, one.standing))
            for one in self._memory.receipts.values()
            if one.fee_request_id == fee_request_id
        )


class FakeSlips:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def find(self, dossier_id: UUID, content_sha256: str) -> bytes | None:
        return self._memory.slips.get((dossier_id, content_sha256))

    async def add_once(self, dossier_id: UUID, slip: Slip, *, pdf: bytes, at: datetime) -> bytes:
        return self._memory.slips.setdefault((dossier_id, slip.content_sha256), pdf)


class FakeUnitOfWork:
    """Serves as a reading as well: a reading writes nothing."""

    def __init__(self, memory: Memory | None = None) -> None:
        self.memory = memory or Memory()
        self.catalog = FakeCatalog(self.memory)
        self.submissions = FakeSubmissions(self.memory)
        self.dossiers = FakeDossiers(self.memory)
        self.fee_requests = FakeFeeRequests(self.memory)
        self.receipts = FakeReceipts(self.memory)
        self.refunds = FakeRefunds(self.memory)
        self.slips = FakeSlips(self.memory)
        self.inbox = SetInbox()
        self.outbox = RecordingOutbox()
        self._before: dict[str, Any] = {}

    async def __aenter__(self) -> Self:
        self.memory.events = self.outbox.events
        self._before = self.memory.snapshot()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            self.memory.restore(self._before)
            self.outbox.events = self.memory.events


class OpenSeal:
    """Seals nothing, so that a test can read what would have been sealed."""

    def seal(self, value: Mapping[str, Any], *, purpose: str) -> str:
        return f"{purpose}:{sorted(value.items())}"

    def unseal(self, text: str, *, purpose: str) -> dict[str, Any]:
        raise AssertionError("this service never opens what it sealed")


class CountingRenderer:
    def __init__(self) -> None:
        self.drawn: list[Slip] = []

    async def render(self, slip: Slip) -> bytes:
        self.drawn.append(slip)
        return f"paper {len(self.drawn)} {slip.code}".encode()


def _holds(valid_from: date, valid_to: date | None, on: date) -> bool:
    return valid_from <= on and (valid_to is None or on <= valid_to)
