from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.errors import ProcedureNotFound
from services.catalog.domain.folding import fold
from services.catalog.domain.period import Period
from services.catalog.domain.procedure import DayKind, Level, Procedure
from services.catalog.ports import ProcedureSearch
from services.catalog.storage.tables import PROCEDURE, PROCEDURE_AGENCY

BY_CODES = select(PROCEDURE).where(PROCEDURE.c.code.in_(bindparam("codes", expanding=True)))
AGENCIES_OF = (
    select(PROCEDURE_AGENCY.c.procedure_code, PROCEDURE_AGENCY.c.agency_code)
    .where(PROCEDURE_AGENCY.c.procedure_code.in_(bindparam("codes", expanding=True)))
    .order_by(PROCEDURE_AGENCY.c.procedure_code, PROCEDURE_AGENCY.c.position)
)


class SqlProcedures:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, code: str) -> Procedure:
        found = await self.list_by_codes([code])
        if not found:
            raise ProcedureNotFound(code)
        return found[0]

    async def list_by_codes(self, codes: Collection[str]) -> Sequence[Procedure]:
        rows = await self._connection.execute(BY_CODES, {"codes": list(codes)})
        return await self._with_agencies(rows.all())

    async def list_found(self, search: ProcedureSearch) -> Sequence[Procedure]:
        """Looks through every text: a province has some 2 000 procedures, not millions."""
        c = PROCEDURE.c
        found = (
            select(PROCEDURE)
            .where(c.code > search.after)
            .where(c.valid_from_on <= search.on)
            .where(or_(c.valid_to_on.is_(None), c.valid_to_on >= search.on))
            .where(*(c.search_text.contains(word, autoescape=True) for word in search.words))
            .order_by(c.code)
            .limit(search.limit)
        )
        if search.agency_code is not None:
            of_agency = select(PROCEDURE_AGENCY.c.procedure_code).where(
                PROCEDURE_AGENCY.c.agency_code == search.agency_code
            )
            found = found.where(c.code.in_(of_agency))
        return await self._with_agencies((await self._connection.execute(found)).all())

    async def add(self, procedure: Procedure) -> None:
        await self._connection.execute(insert(PROCEDURE), to_row(procedure))
        await self._add_agencies(procedure)

    async def save(self, procedure: Procedure) -> None:
        row = to_row(procedure)
        await self._connection.execute(
            update(PROCEDURE).where(PROCEDURE.c.code == procedure.code), row
        )
        await self._connection.execute(
            delete(PROCEDURE_AGENCY).where(PROCEDURE_AGENCY.c.procedure_code == procedure.code)
        )
        await self._add_agencies(procedure)

    async def _add_agencies(self, procedure: Procedure) -> None:
        rows = [
            {"procedure_code": procedure.code, "agency_code": code, "position": position}
            for position, code in enumerate(procedure.agency_codes)
        ]
        await self._connection.execute(insert(PROCEDURE_AGENCY), rows)

    async def _with_agencies(self, rows: Sequence[Row[Any]]) -> list[Procedure]:
        codes_of: dict[str, list[str]] = defaultdict(list)
        values = {"codes": [row.code for row in rows]}
        for pair in await self._connection.execute(AGENCIES_OF, values):
            codes_of[pair.procedure_code].append(pair.agency_code)
        return [to_procedure(row, tuple(codes_of[row.code])) for row in rows]


def to_row(procedure: Procedure) -> dict[str, Any]:
    return {
        "code": procedure.code,
        "name": procedure.name,
        "search_text": fold(f"{procedure.code} {procedure.name}"),
        "level": procedure.level.value,
        "processing_days": procedure.processing_days,
        "processing_day_kind": procedure.processing_day_kind.value,
        "illustrative": procedure.illustrative,
        "valid_from_on": procedure.period.valid_from,
        "valid_to_on": procedure.period.valid_to,
    }


def to_procedure(row: Row[Any], agency_codes: tuple[str, ...]) -> Procedure:
    return Procedure(
        code=row.code,
        name=row.name,
        agency_codes=agency_codes,
        level=Level(row.level),
        processing_days=row.processing_days,
        processing_day_kind=DayKind(row.processing_day_kind),
        illustrative=row.illustrative,
        period=Period(row.valid_from_on, row.valid_to_on),
    )
