from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dossier.domain.catalog import Channel, DayKind, PayerType
from services.dossier.domain.dossier import (
    AgencySeen,
    Applicant,
    Dossier,
    ProcedureSeen,
    Reason,
    Step,
)
from services.dossier.domain.errors import DossierNotFound, OvertakenMeanwhile
from services.dossier.domain.fee import ChargedLine, Fee
from services.dossier.domain.state import State
from services.dossier.ports import DossierFilter
from services.dossier.storage.statements import insert_into
from services.dossier.storage.tables import (
    APPLICANT,
    DOSSIER,
    DOSSIER_COUNTER,
    DOSSIER_STEP,
    FEE_REQUEST,
)

CHARGED_LINES: Final = TypeAdapter(tuple[ChargedLine, ...])

BY_ID: Final = select(DOSSIER).where(DOSSIER.c.id == bindparam("dossier_id"))
BY_FEE_REQUEST: Final = (
    select(DOSSIER)
    .join(FEE_REQUEST, FEE_REQUEST.c.dossier_id == DOSSIER.c.id)
    .where(FEE_REQUEST.c.id == bindparam("fee_request_id"))
    .with_for_update(of=DOSSIER)
)
# Says itself where the dossier must be to be moved; whoever comes second changes nothing.
MOVE: Final = (
    update(DOSSIER)
    .where(DOSSIER.c.id == bindparam("dossier_id"))
    .where(DOSSIER.c.steps_made == bindparam("steps_before"))
    .values(state=bindparam("new_state"), steps_made=bindparam("steps_after"))
)
STEPS_OF: Final = (
    select(DOSSIER_STEP)
    .where(DOSSIER_STEP.c.dossier_id == bindparam("dossier_id"))
    .order_by(DOSSIER_STEP.c.position)
)
APPLICANT_OF: Final = select(APPLICANT).where(APPLICANT.c.dossier_id == bindparam("dossier_id"))


class SqlDossiers:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def next_number(self, agency_code: str, day: date) -> int:
        first = insert_into(self._connection, DOSSIER_COUNTER).values(
            agency_code=agency_code, counted_on=day, last_number=1
        )
        # The day's first dossier makes the row, all others add one to it: one statement, and its
        # lock is held to the commit, so that a rollback leaves no gap behind.
        counted = first.on_conflict_do_update(
            index_elements=["agency_code", "counted_on"],
            set_={"last_number": DOSSIER_COUNTER.c.last_number + 1},
        ).returning(DOSSIER_COUNTER.c.last_number)
        number: int = (await self._connection.execute(counted)).scalar_one()
        return number

    async def add(self, dossier: Dossier, applicant: Applicant) -> None:
        await self._connection.execute(insert(DOSSIER), _to_row(dossier))
        row = {"dossier_id": dossier.id, **asdict(applicant)}
        await self._connection.execute(insert(APPLICANT), row)

    async def get(self, dossier_id: UUID) -> Dossier:
        found = await self._connection.execute(BY_ID, {"dossier_id": dossier_id})
        row = found.mappings().one_or_none()
        if row is None:
            raise DossierNotFound
        return _to_entity(row)

    async def find_for_update(self, *, fee_request_id: UUID) -> Dossier | None:
        found = await self._connection.execute(BY_FEE_REQUEST, {"fee_request_id": fee_request_id})
        row = found.mappings().one_or_none()
        return _to_entity(row) if row is not None else None

    async def save(self, dossier: Dossier, steps: Sequence[Step]) -> None:
        moved = await self._connection.execute(
            MOVE,
            {
                "dossier_id": dossier.id,
                "steps_before": dossier.steps_made - len(steps),
                "new_state": dossier.state.value,
                "steps_after": dossier.steps_made,
            },
        )
        if moved.rowcount != 1:
            raise OvertakenMeanwhile(dossier.id)
        rows = [{"dossier_id": dossier.id, **asdict(step)} for step in steps]
        await self._connection.execute(insert(DOSSIER_STEP), rows)

    async def applicant_of(self, dossier_id: UUID) -> Applicant:
        row = (await self._connection.execute(APPLICANT_OF, {"dossier_id": dossier_id})).one()
        return Applicant(
            full_name=row.full_name,
            identity_number=row.identity_number,
            address=row.address,
            email=row.email,
            phone=row.phone,
        )

    async def steps_of(self, dossier_id: UUID) -> tuple[Step, ...]:
        rows = await self._connection.execute(STEPS_OF, {"dossier_id": dossier_id})
        return tuple(
            Step(
                position=row.position,
                from_state=State(row.from_state),
                to_state=State(row.to_state),
                reason=Reason(row.reason),
                changed_at=row.changed_at,
            )
            for row in rows
        )

    async def list_newest(self, wanted: DossierFilter, *, limit: int) -> Sequence[Dossier]:
        page = select(DOSSIER)
        if wanted.reach.client_id is not None:
            page = page.where(DOSSIER.c.client_id == wanted.reach.client_id)
        if wanted.reach.agencies is not None:
            page = page.where(DOSSIER.c.agency_code.in_(sorted(wanted.reach.agencies)))
        if wanted.code is not None:
            page = page.where(DOSSIER.c.code == wanted.code)
        if wanted.state is not None:
            page = page.where(DOSSIER.c.state == wanted.state.value)
        if wanted.before is not None:
            page = page.where(DOSSIER.c.id < wanted.before)
        rows = await self._connection.execute(page.order_by(DOSSIER.c.id.desc()).limit(limit))
        return [_to_entity(row) for row in rows.mappings()]


def _to_row(dossier: Dossier) -> dict[str, Any]:
    total = dossier.fee.total
    return {
        "id": dossier.id,
        "code": dossier.code,
        "client_id": dossier.client_id,
        "procedure_code": dossier.procedure.code,
        "procedure_name": dossier.procedure.name,
        "processing_days": dossier.procedure.processing_days,
        "processing_day_kind": dossier.procedure.processing_day_kind,
        "agency_code": dossier.agency.code,
        "agency_name": dossier.agency.name,
        "agency_address": dossier.agency.address,
        "agency_phone": dossier.agency.phone,
        "channel": dossier.channel,
        "payer_type": dossier.payer_type,
        "case_code": dossier.case_code,
        "fee_lines": CHARGED_LINES.dump_python(dossier.fee.lines, mode="json"),
        "fee_minor_units": total.minor_units,
        "currency": total.currency,
        "submitted_at": dossier.submitted_at,
        "state": dossier.state.value,
        "steps_made": dossier.steps_made,
    }


def _to_entity(row: RowMapping) -> Dossier:
    return Dossier(
        id=row["id"],
        code=row["code"],
        client_id=row["client_id"],
        procedure=ProcedureSeen(
            code=row["procedure_code"],
            name=row["procedure_name"],
            processing_days=row["processing_days"],
            processing_day_kind=DayKind(row["processing_day_kind"]),
        ),
        agency=AgencySeen(
            code=row["agency_code"],
            name=row["agency_name"],
            address=row["agency_address"],
            phone=row["agency_phone"],
        ),
        channel=Channel(row["channel"]),
        payer_type=PayerType(row["payer_type"]),
        case_code=row["case_code"],
        fee=Fee(lines=CHARGED_LINES.validate_python(row["fee_lines"])),
        submitted_at=row["submitted_at"],
        state=State(row["state"]),
        steps_made=row["steps_made"],
    )
