from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.fee_line import (
    Channel,
    Exemption,
    FeeKind,
    FeeLine,
    PayerType,
    Tier,
    Unit,
)
from services.catalog.domain.fee_schedule import FeeSchedule
from services.catalog.domain.period import Period
from services.catalog.storage.tables import FEE_SCHEDULE

BY_PROCEDURES = (
    select(FEE_SCHEDULE)
    .where(FEE_SCHEDULE.c.procedure_code.in_(bindparam("codes", expanding=True)))
    .order_by(FEE_SCHEDULE.c.procedure_code, FEE_SCHEDULE.c.valid_from_on)
)
ON_DAY = (
    select(FEE_SCHEDULE)
    .where(FEE_SCHEDULE.c.procedure_code == bindparam("code"))
    .where(FEE_SCHEDULE.c.valid_from_on <= bindparam("day"))
    .where(
        or_(FEE_SCHEDULE.c.valid_to_on.is_(None), FEE_SCHEDULE.c.valid_to_on >= bindparam("day"))
    )
)


class SqlFeeSchedules:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find_on(self, procedure_code: str, day: date) -> FeeSchedule | None:
        values = {"code": procedure_code, "day": day}
        row = (await self._connection.execute(ON_DAY, values)).one_or_none()
        return None if row is None else to_schedule(row)

    async def list_by_procedures(self, codes: Collection[str]) -> Sequence[FeeSchedule]:
        rows = await self._connection.execute(BY_PROCEDURES, {"codes": list(codes)})
        return [to_schedule(row) for row in rows]

    async def add(self, schedule: FeeSchedule) -> None:
        row = {
            "id": schedule.id,
            "procedure_code": schedule.procedure_code,
            "valid_from_on": schedule.period.valid_from,
            "lines": [asdict(line) for line in schedule.lines],
        }
        await self._connection.execute(insert(FEE_SCHEDULE), row | _changeable(schedule))

    async def save_end_and_explanation(self, schedule: FeeSchedule) -> None:
        await self._connection.execute(
            update(FEE_SCHEDULE).where(FEE_SCHEDULE.c.id == schedule.id), _changeable(schedule)
        )


def _changeable(schedule: FeeSchedule) -> dict[str, Any]:
    return {
        "valid_to_on": schedule.period.valid_to,
        "explanation_vi": schedule.explanation_vi,
        "explanation_en": schedule.explanation_en,
    }


def to_schedule(row: Row[Any]) -> FeeSchedule:
    return FeeSchedule(
        procedure_code=row.procedure_code,
        period=Period(row.valid_from_on, row.valid_to_on),
        lines=tuple(to_line(line) for line in row.lines),
        explanation_vi=row.explanation_vi,
        explanation_en=row.explanation_en,
    )


def to_line(stored: Mapping[str, Any]) -> FeeLine:
    return FeeLine(
        line_code=stored["line_code"],
        name=stored["name"],
        kind=FeeKind(stored["kind"]),
        case_code=stored["case_code"],
        case_name=stored["case_name"],
        payer_type=PayerType(stored["payer_type"]),
        channel=Channel(stored["channel"]),
        unit=Unit(stored["unit"]),
        tiers=tuple(Tier(**tier) for tier in stored["tiers"]),
        cap_minor_units=stored["cap_minor_units"],
        currency=stored["currency"],
        legal_basis=stored["legal_basis"],
        exemptions=tuple(Exemption(**one) for one in stored["exemptions"]),
        illustrative=stored["illustrative"],
    )
