from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import vietnam_date
from services.payment.domain.discrepancies.discrepancy import OwnerRole
from services.payment.domain.errors import UnknownDifference
from services.payment.domain.settlements.day import begin_of_day, end_of_day
from services.payment.domain.settlements.difference import (
    Difference,
    DifferenceKind,
    DifferenceState,
    DifferenceStep,
    FeeRate,
    FoundDifference,
    OursKind,
    Side,
    Step,
    Subject,
)
from services.payment.ports.settlements import DifferenceFilter
from services.payment.storage.settlements.comparing import (
    EXPLAINED,
    FIND_IN_ROWS,
    FIND_MISSING,
)
from services.payment.storage.settlements.tables import (
    SETTLEMENT_DIFFERENCE,
    SETTLEMENT_DIFFERENCE_STEP,
)

_D: Final = SETTLEMENT_DIFFERENCE.c
_S: Final = SETTLEMENT_DIFFERENCE_STEP.c
_FACTS: Final = (
    "theirs_amount",
    "theirs_currency",
    "theirs_status",
    "theirs_fee",
    "ours_amount",
    "ours_currency",
    "ours_status",
    "ours_fee",
)
_CHANGE: Final = (
    update(SETTLEMENT_DIFFERENCE)
    .where(_D.id == bindparam("difference_id"))
    .values(
        {"state": DifferenceState.OPEN}
        | {name: bindparam(f"new_{name}") for name in (*_FACTS, "ours_kind", "ours_id")}
    )
)
_CLOSE: Final = update(SETTLEMENT_DIFFERENCE).where(
    _D.id == bindparam("difference_id"), _D.state == DifferenceState.OPEN
)
_EXPLAIN: Final = _CLOSE.values(state=DifferenceState.EXPLAINED)
_SIGN_OFF: Final = _CLOSE.values(state=DifferenceState.SIGNED_OFF)
# No rate is agreed: then no fee differs.
_NO_RATE: Final = {"rated": 0, "basis_points": 0, "fixed": 0, "tolerance": 0}


class SqlSettlementDifferences:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find_in_rows(
        self, provider: str, on: date, *, rate: FeeRate | None, limit: int
    ) -> Sequence[FoundDifference]:
        values = {"provider": provider, "found_on": on, "limit": limit, **_rate(rate)}
        found = await self._connection.execute(FIND_IN_ROWS, values)
        return [_to_found(row, row.moved_on) for row in found]

    async def find_missing(
        self, provider: str, on: date, *, limit: int
    ) -> Sequence[FoundDifference]:
        values = {
            "provider": provider,
            "begins": begin_of_day(on),
            "ends": end_of_day(on),
            "limit": limit,
        }
        found = await self._connection.execute(FIND_MISSING, values)
        return [_to_found(row, vietnam_date(row.moved_at)) for row in found]

    async def list_explained(
        self, provider: str, on: date, *, rate: FeeRate | None, limit: int
    ) -> Sequence[Difference]:
        values = {"provider": provider, "found_on": on, "limit": limit, **_rate(rate)}
        return [_to_difference(row) for row in await self._connection.execute(EXPLAINED, values)]

    async def open(self, differences: Sequence[Difference]) -> None:
        if differences:
            rows = [_to_row(one) for one in differences]
            await self._connection.execute(insert(SETTLEMENT_DIFFERENCE), rows)

    async def change(self, found: Sequence[FoundDifference]) -> None:
        changed = [
            {"difference_id": one.known_as}
            | {f"new_{name}": value for name, value in _facts(one).items()}
            for one in found
        ]
        if changed:
            await self._connection.execute(_CHANGE, changed)

    async def explain(self, differences: Sequence[Difference]) -> None:
        if differences:
            ids = [{"difference_id": one.id} for one in differences]
            await self._connection.execute(_EXPLAIN, ids)

    async def save_signed_off(self, difference_id: UUID) -> bool:
        signed = await self._connection.execute(_SIGN_OFF, {"difference_id": difference_id})
        return signed.rowcount == 1

    async def add_steps(self, steps: Sequence[DifferenceStep]) -> None:
        rows = [
            {
                "id": one.id,
                "difference_id": one.difference_id,
                "step": one.step,
                "by": one.by,
                "reason": one.reason,
                "at": one.at,
                "theirs_amount": one.theirs.amount,
                "theirs_status": one.theirs.status,
                "ours_amount": one.ours.amount,
                "ours_status": one.ours.status,
            }
            for one in steps
        ]
        if rows:
            await self._connection.execute(insert(SETTLEMENT_DIFFERENCE_STEP), rows)

    async def get(self, difference_id: UUID) -> Difference:
        found = select(SETTLEMENT_DIFFERENCE).where(_D.id == difference_id)
        row = (await self._connection.execute(found)).one_or_none()
        if row is None:
            raise UnknownDifference(difference_id)
        return _to_difference(row)

    async def count(self, provider: str, on: date, state: DifferenceState) -> int:
        counted = select(func.count()).where(
            _D.provider == provider, _D.found_on == on, _D.state == state
        )
        return (await self._connection.execute(counted)).scalar_one()

    async def list_page(
        self, wanted: DifferenceFilter, *, before: UUID | None, limit: int
    ) -> Sequence[Difference]:
        latest = _wanted(wanted).order_by(_D.id.desc()).limit(limit)
        if before is not None:
            latest = latest.where(_D.id < before)
        return [_to_difference(row) for row in await self._connection.execute(latest)]

    async def list_steps(self, difference_id: UUID, *, limit: int) -> Sequence[DifferenceStep]:
        steps = select(SETTLEMENT_DIFFERENCE_STEP).where(_S.difference_id == difference_id)
        rows = await self._connection.execute(steps.order_by(_S.id).limit(limit))
        return [
            DifferenceStep(
                id=row.id,
                difference_id=row.difference_id,
                step=Step(row.step),
                by=row.by,
                reason=row.reason,
                at=row.at,
                theirs=Side(amount=row.theirs_amount, status=row.theirs_status),
                ours=Side(amount=row.ours_amount, status=row.ours_status),
            )
            for row in rows
        ]


def _rate(rate: FeeRate | None) -> dict[str, int]:
    if rate is None:
        return _NO_RATE
    return {
        "rated": 1,
        "basis_points": rate.basis_points,
        "fixed": rate.fixed,
        "tolerance": rate.tolerance,
    }


def _wanted(wanted: DifferenceFilter) -> Select[Any]:
    query = select(SETTLEMENT_DIFFERENCE)
    for column, value in (
        (_D.provider, wanted.provider),
        (_D.found_on, wanted.on),
        (_D.kind, wanted.kind),
        (_D.state, wanted.state),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.agencies is not None:
        query = query.where(_D.agency_code.in_(sorted(wanted.agencies)))
    return query


def _facts(found: FoundDifference | Difference) -> dict[str, Any]:
    return {
        "theirs_amount": found.theirs.amount,
        "theirs_currency": found.theirs.currency,
        "theirs_status": found.theirs.status,
        "theirs_fee": found.theirs.fee,
        "ours_amount": found.ours.amount,
        "ours_currency": found.ours.currency,
        "ours_status": found.ours.status,
        "ours_fee": found.ours.fee,
        "ours_kind": found.subject.ours_kind,
        "ours_id": found.subject.ours_id,
    }


def _to_row(one: Difference) -> dict[str, Any]:
    return _facts(one) | {
        "id": one.id,
        "provider": one.subject.provider,
        "kind": one.kind,
        "state": one.state,
        "found_on": one.subject.on,
        "provider_reference": one.subject.provider_reference,
        "file_id": one.subject.file_id,
        "line": one.subject.line,
        "agency_code": one.subject.agency_code,
        "owner_role": one.owner_role,
        "found_at": one.found_at,
        "due_at": one.due_at,
    }


def _subject(row: Row[Any], on: date) -> Subject:
    return Subject(
        provider=row.provider,
        on=on,
        provider_reference=row.provider_reference,
        file_id=row.file_id,
        line=row.line,
        ours_kind=OursKind(row.ours_kind) if row.ours_kind else None,
        ours_id=row.ours_id,
        agency_code=row.agency_code,
    )


def _sides(row: Row[Any]) -> tuple[Side, Side]:
    theirs, ours = (
        Side(
            amount=getattr(row, f"{side}_amount"),
            currency=getattr(row, f"{side}_currency"),
            status=getattr(row, f"{side}_status"),
            fee=getattr(row, f"{side}_fee"),
        )
        for side in ("theirs", "ours")
    )
    return theirs, ours


def _to_found(row: Row[Any], on: date) -> FoundDifference:
    theirs, ours = _sides(row)
    return FoundDifference(
        kind=DifferenceKind(row.kind),
        subject=_subject(row, on),
        theirs=theirs,
        ours=ours,
        known_as=row.known_as,
    )


def _to_difference(row: Row[Any]) -> Difference:
    theirs, ours = _sides(row)
    return Difference(
        id=row.id,
        kind=DifferenceKind(row.kind),
        subject=_subject(row, row.found_on),
        theirs=theirs,
        ours=ours,
        found_at=row.found_at,
        due_at=row.due_at,
        owner_role=OwnerRole(row.owner_role),
        state=DifferenceState(row.state),
    )
