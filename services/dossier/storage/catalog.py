from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Select, Table, bindparam, or_, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dossier.domain.catalog import (
    Agency,
    CollectionAccount,
    DayKind,
    FeeLine,
    FeeSchedule,
    Procedure,
)
from services.dossier.storage.statements import keep_latest
from services.dossier.storage.tables import AGENCY, FEE_SCHEDULE, PROCEDURE

FEE_LINES: Final = TypeAdapter(tuple[FeeLine, ...])


def _in_force(table: Table, key: str) -> Select[Any]:
    """The fact that holds on a day, both ends included; the younger should two claim it."""
    return (
        select(table)
        .where(table.c[key] == bindparam("code"))
        .where(table.c.valid_from_on <= bindparam("on"))
        .where(or_(table.c.valid_to_on.is_(None), table.c.valid_to_on >= bindparam("on")))
        .order_by(table.c.valid_from_on.desc(), table.c.published_at.desc())
        .limit(1)
    )


AGENCY_IN_FORCE: Final = _in_force(AGENCY, "agency_code")
PROCEDURE_IN_FORCE: Final = _in_force(PROCEDURE, "procedure_code")
SCHEDULE_IN_FORCE: Final = _in_force(FEE_SCHEDULE, "procedure_code")


class SqlCatalog:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find_agency(self, agency_code: str, *, on: date) -> Agency | None:
        row = await self._find(AGENCY_IN_FORCE, agency_code, on)
        if row is None:
            return None
        return Agency(
            agency_code=row["agency_code"],
            name=row["name"],
            address=row["address"],
            phone=row["phone"],
            account=CollectionAccount(
                bank_bin=row["bank_bin"],
                account_number=row["account_number"],
                account_name=row["account_name"],
            ),
            valid_from=row["valid_from_on"],
            valid_to=row["valid_to_on"],
        )

    async def find_procedure(self, procedure_code: str, *, on: date) -> Procedure | None:
        row = await self._find(PROCEDURE_IN_FORCE, procedure_code, on)
        if row is None:
            return None
        codes: Sequence[str] = row["agency_codes"]
        return Procedure(
            procedure_code=row["procedure_code"],
            name=row["name"],
            agency_codes=tuple(codes),
            processing_days=row["processing_days"],
            processing_day_kind=DayKind(row["processing_day_kind"]),
            valid_from=row["valid_from_on"],
            valid_to=row["valid_to_on"],
        )

    async def find_schedule(self, procedure_code: str, *, on: date) -> FeeSchedule | None:
        row = await self._find(SCHEDULE_IN_FORCE, procedure_code, on)
        if row is None:
            return None
        return FeeSchedule(
            schedule_id=row["schedule_id"],
            procedure_code=row["procedure_code"],
            valid_from=row["valid_from_on"],
            valid_to=row["valid_to_on"],
            lines=FEE_LINES.validate_python(row["lines"]),
        )

    async def keep_agency(self, agency: Agency, *, published_at: datetime) -> None:
        row = {
            "agency_code": agency.agency_code,
            "valid_from_on": agency.valid_from,
            "valid_to_on": agency.valid_to,
            "name": agency.name,
            "address": agency.address,
            "phone": agency.phone,
            "bank_bin": agency.account.bank_bin,
            "account_number": agency.account.account_number,
            "account_name": agency.account.account_name,
            "published_at": published_at,
        }
        await keep_latest(self._connection, AGENCY, row)

    async def keep_procedure(self, procedure: Procedure, *, published_at: datetime) -> None:
        row = {
            "procedure_code": procedure.procedure_code,
            "valid_from_on": procedure.valid_from,
            "valid_to_on": procedure.valid_to,
            "name": procedure.name,
            "agency_codes": list(procedure.agency_codes),
            "processing_days": procedure.processing_days,
            "processing_day_kind": procedure.processing_day_kind,
            "published_at": published_at,
        }
        await keep_latest(self._connection, PROCEDURE, row)

    async def keep_schedule(self, schedule: FeeSchedule, *, published_at: datetime) -> None:
        row = {
            "schedule_id": schedule.schedule_id,
            "procedure_code": schedule.procedure_code,
            "valid_from_on": schedule.valid_from,
            "valid_to_on": schedule.valid_to,
            "lines": FEE_LINES.dump_python(schedule.lines, mode="json"),
            "published_at": published_at,
        }
        await keep_latest(self._connection, FEE_SCHEDULE, row)

    async def _find(self, statement: Select[Any], code: str, on: date) -> RowMapping | None:
        found = await self._connection.execute(statement, {"code": code, "on": on})
        row: RowMapping | None = found.mappings().one_or_none()
        return row
