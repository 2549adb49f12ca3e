"""The ports in memory. What a refused load wrote stays visible: rolling back is storage's part."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from types import TracebackType
from typing import Self
from uuid import UUID

from chassis.testing import RecordingOutbox
from services.catalog.domain.agency import Agency
from services.catalog.domain.errors import AgencyNotFound, ProcedureNotFound
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.domain.folding import fold
from services.catalog.domain.payment_method import PaymentMethodNotice
from services.catalog.domain.procedure import Procedure
from services.catalog.ports import ProcedureSearch


class FakeAgencies:
    def __init__(self) -> None:
        self.by_code: dict[str, Agency] = {}

    async def get(self, code: str) -> Agency:
        if code not in self.by_code:
            raise AgencyNotFound(code)
        return self.by_code[code]

    async def list_by_codes(self, codes: Collection[str]) -> Sequence[Agency]:
        return [self.by_code[code] for code in codes if code in self.by_code]

    async def list_in_force(self, *, on: date, after: str, limit: int) -> Sequence[Agency]:
        in_force = (a for a in self.by_code.values() if a.period.holds_on(on) and a.code > after)
        return sorted(in_force, key=lambda agency: agency.code)[:limit]

    async def add(self, agency: Agency) -> None:
        assert agency.code not in self.by_code
        self.by_code[agency.code] = agency

    async def save(self, agency: Agency) -> None:
        assert agency.code in self.by_code
        self.by_code[agency.code] = agency


class FakeProcedures:
    def __init__(self) -> None:
        self.by_code: dict[str, Procedure] = {}

    async def get(self, code: str) -> Procedure:
        if code not in self.by_code:
            raise ProcedureNotFound(code)
        return self.by_code[code]

    async def list_by_codes(self, codes: Collection[str]) -> Sequence[Procedure]:
        return [self.by_code[code] for code in codes if code in self.by_code]

    async def list_found(self, search: ProcedureSearch) -> Sequence[Procedure]:
        found = (
            procedure
            for procedure in self.by_code.values()
            if procedure.code > search.after
            and procedure.period.holds_on(search.on)
            and search.agency_code in (None, *procedure.agency_codes)
            and all(word in fold(f"{procedure.code} {procedure.name}") for word in search.words)
        )
        return sorted(found, key=lambda procedure: procedure.code)[: search.limit]

    async def add(self, procedure: Procedure) -> None:
        assert procedure.code not in self.by_code
        self.by_code[procedure.code] = procedure

    async def save(self, procedure: Procedure) -> None:
        assert procedure.code in self.by_code
        self.by_code[procedure.code] = procedure


class FakeFeeSchedules:
    def __init__(self) -> None:
        self.by_id: dict[UUID, FeeSchedule] = {}

    async def find_on(self, procedure_code: str, day: date) -> FeeSchedule | None:
        of_procedure = (s for s in self.by_id.values() if s.procedure_code == procedure_code)
        return next((s for s in of_procedure if s.period.holds_on(day)), None)

    async def list_by_procedures(self, codes: Collection[str]) -> Sequence[FeeSchedule]:
        return [one for one in self.by_id.values() if one.procedure_code in codes]

    async def add(self, schedule: FeeSchedule) -> None:
        assert schedule.id not in self.by_id
        self.by_id[schedule.id] = schedule

    async def save_end_and_explanation(self, schedule: FeeSchedule) -> None:
        stored = self.by_id[schedule.id]
        self.by_id[schedule.id] = replace(
            stored,
            period=replace(stored.period, valid_to=schedule.period.valid_to),
            explanation_vi=schedule.explanation_vi,
            explanation_en=schedule.explanation_en,
        )


class FakePaymentMethods:
    def __init__(self) -> None:
        self.all: list[PaymentMethodNotice] = []

    async def list_all(self) -> Sequence[PaymentMethodNotice]:
        return self.all

    async def replace_all(self, methods: Sequence[PaymentMethodNotice]) -> None:
        self.all = list(methods)


class FakeUnitOfWork:
    def __init__(self) -> None:
        self.agencies = FakeAgencies()
        self.procedures = FakeProcedures()
        self.fee_schedules = FakeFeeSchedules()
        self.payment_methods = FakePaymentMethods()
        self.outbox = RecordingOutbox()
        self.locked = 0

    async def lock(self) -> None:
        self.locked += 1

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None
