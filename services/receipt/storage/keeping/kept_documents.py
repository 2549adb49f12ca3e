from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.keeping.finding import KeepingReason, KeepingState
from services.receipt.domain.keeping.hold import LegalHold
from services.receipt.domain.keeping.kept import KeptDocument
from services.receipt.domain.receipts.receipt import Form
from services.receipt.ports.keeping import Expired, KeepingMeasures
from services.receipt.storage.keeping.rows import to_kept
from services.receipt.storage.keeping.tables import KEEPING_FINDING, KEPT_DOCUMENT, LEGAL_HOLD
from services.receipt.storage.receipts.tables import RECEIPT

_K: Final = KEPT_DOCUMENT.c
_H: Final = LEGAL_HOLD.c
_F: Final = KEEPING_FINDING.c
_WHOLE: Final = select(
    KEPT_DOCUMENT,
    RECEIPT.c.agency_code.label("of_agency"),
    RECEIPT.c.numbered_at,
    RECEIPT.c.issued_at,
    RECEIPT.c.xml_sha256,
).join(RECEIPT, RECEIPT.c.id == _K.receipt_id)
_ONE: Final = update(KEPT_DOCUMENT).where(
    _K.receipt_id == bindparam("of_receipt"), _K.form == bindparam("of_form")
)
_LEND: Final = _ONE.values(due_at=bindparam("until"))
_WAITING: Final = _K.kept_at.is_(None)
_THERE: Final = and_(_K.kept_at.is_not(None), _K.removing_at.is_(None))
_TO_REMOVE: Final = and_(_K.removing_at.is_not(None), _K.removed_at.is_(None))
# The guard of everything that is removed: a hold that nobody released.
HELD: Final = exists().where(
    _H.released_at.is_(None),
    _H.agency_code == _K.agency_code,
    or_(
        _H.receipt_id == _K.receipt_id,
        and_(
            _H.receipt_id.is_(None),
            _H.from_on <= _K.dated_on,
            or_(_H.to_on.is_(None), _H.to_on >= _K.dated_on),
        ),
    ),
)
# The time of whoever works on a copy now; what is overdue in spite of it is counted all the same.
LEASE_MAX: Final = timedelta(hours=2)


class SqlKeptDocuments:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def claim_waiting(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[KeptDocument]:
        due = _WHOLE.where(_WAITING, or_(_K.due_at.is_(None), _K.due_at <= now))
        return await self._claim(due.order_by(_K.receipt_id), until=until, limit=limit)

    async def claim_checks(
        self, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[KeptDocument]:
        due = _WHOLE.where(_THERE, _K.due_at <= now)
        return await self._claim(due.order_by(_K.due_at), until=until, limit=limit)

    async def save_kept(self, kept: KeptDocument, *, check_due_at: datetime) -> None:
        await self._change(
            kept,
            _WAITING,
            kept_at=kept.kept_at,
            agency_code=kept.agency_code,
            dated_on=kept.dated_on,
            keep_until_on=kept.keep_until,
            due_at=check_due_at,
        )

    async def save_checked(
        self, kept: KeptDocument, *, at: datetime, check_due_at: datetime
    ) -> None:
        await self._change(
            kept, _THERE, last_checked_at=at, due_at=check_due_at, keep_until_on=kept.keep_until
        )

    async def is_there(self, kept: KeptDocument) -> bool:
        there = (
            select(func.count())
            .select_from(KEPT_DOCUMENT)
            .where(_K.receipt_id == kept.receipt_id, _K.form == kept.form.value, _THERE)
        )
        return await self._count(there) == 1

    async def put_off(self, kept: KeptDocument, *, until: datetime) -> None:
        await self._change(kept, due_at=until)

    async def list_of(self, receipt_ids: Collection[UUID]) -> Sequence[KeptDocument]:
        found = _WHOLE.where(_K.receipt_id.in_(receipt_ids), _K.removing_at.is_(None))
        return await self._all(found.order_by(_K.receipt_id, _K.form))

    async def list_removed(self, receipt_ids: Collection[UUID]) -> Collection[tuple[UUID, Form]]:
        gone = select(_K.receipt_id, _K.form).where(
            _K.receipt_id.in_(receipt_ids), _K.removing_at.is_not(None)
        )
        rows = (await self._connection.execute(gone)).all()
        return frozenset((row.receipt_id, Form(row.form)) for row in rows)

    async def known(self, digests: Collection[str]) -> frozenset[str]:
        found = select(_K.sha256).where(_K.sha256.in_(digests))
        return frozenset((await self._connection.execute(found)).scalars())

    async def measure(self, *, checked_before: datetime, now: datetime) -> KeepingMeasures:
        waiting = select(func.count()).select_from(KEPT_DOCUMENT).where(_WAITING)
        overdue = (
            select(func.count())
            .select_from(KEPT_DOCUMENT)
            .where(
                _THERE,
                _K.due_at <= now + LEASE_MAX,
                func.coalesce(_K.last_checked_at, _K.kept_at) < checked_before,
            )
        )
        state = case(
            (_F.repaired_at.is_(None), KeepingState.OPEN.value), else_=KeepingState.REPAIRED.value
        ).label("state")
        unsettled = (
            select(_F.reason, state, func.count().label("many"))
            .where(_F.closed_at.is_(None))
            .group_by(_F.reason, state)
        )
        return KeepingMeasures(
            waiting=await self._count(waiting),
            overdue=await self._count(overdue),
            findings={
                (KeepingReason(row.reason), KeepingState(row.state)): row.many
                for row in await self._connection.execute(unsettled)
            },
        )

    async def list_expired(
        self, *, today: date, agencies: frozenset[str] | None, after: UUID | None, limit: int
    ) -> Sequence[Expired]:
        page = (
            select(
                _K.receipt_id,
                _K.agency_code,
                func.max(_K.keep_until_on).label("keep_until_on"),
                func.count().label("documents"),
                func.max(case((HELD, 1), else_=0)).label("held"),
            )
            .where(_K.keep_until_on < today, _K.removed_at.is_(None))
            .group_by(_K.receipt_id, _K.agency_code)
            .order_by(_K.receipt_id)
            .limit(limit)
        )
        if agencies is not None:
            page = page.where(_K.agency_code.in_(sorted(agencies)))
        if after is not None:
            page = page.where(_K.receipt_id > after)
        return [
            Expired(
                receipt_id=row.receipt_id,
                agency_code=row.agency_code,
                keep_until=row.keep_until_on,
                documents=row.documents,
                on_hold=bool(row.held),
            )
            for row in await self._connection.execute(page)
        ]

    async def decide_removals(self, *, today: date, now: datetime, limit: int) -> int:
        past = (
            select(_K.receipt_id, _K.form)
            .where(_K.keep_until_on < today, _THERE, ~HELD)
            .order_by(_K.keep_until_on, _K.receipt_id)
            .limit(limit)
        )
        keys = [_key(row) for row in (await self._connection.execute(past)).mappings()]
        if keys:
            await self._connection.execute(_ONE.values(removing_at=now, due_at=None), keys)
        return len(keys)

    async def undo_removals(self, hold: LegalHold) -> None:
        undone = update(KEPT_DOCUMENT).where(_TO_REMOVE, *_covered(hold))
        await self._connection.execute(undone.values(removing_at=None, due_at=hold.placed_at))

    async def list_removing(self, *, limit: int) -> Sequence[KeptDocument]:
        decided = _WHOLE.where(_TO_REMOVE, ~HELD).order_by(_K.keep_until_on, _K.receipt_id)
        return await self._all(decided.limit(limit))

    async def save_removed(self, kept: KeptDocument, *, at: datetime) -> None:
        await self._change(kept, _TO_REMOVE, removed_at=at)

    async def is_shared(self, kept: KeptDocument) -> bool:
        others = (
            select(func.count())
            .select_from(KEPT_DOCUMENT)
            .where(
                _K.sha256 == kept.sha256,
                _K.removing_at.is_(None),
                or_(_K.receipt_id != kept.receipt_id, _K.form != kept.form.value),
            )
        )
        return await self._count(others) > 0

    async def _claim(
        self, due: Select[Any], *, until: datetime, limit: int
    ) -> Sequence[KeptDocument]:
        """Lent, not locked: nothing is held while the vault is asked."""
        lent = due.limit(limit).with_for_update(of=KEPT_DOCUMENT, skip_locked=True)
        claimed = await self._all(lent)
        if claimed:
            keys = [_key_of(one) | {"until": until} for one in claimed]
            await self._connection.execute(_LEND, keys)
        return claimed

    async def _change(
        self, kept: KeptDocument, *only: ColumnElement[bool], **values: object
    ) -> None:
        await self._connection.execute(_ONE.where(*only).values(**values), _key_of(kept))

    async def _all(self, query: Select[Any]) -> Sequence[KeptDocument]:
        return [to_kept(row) for row in (await self._connection.execute(query)).mappings()]

    async def _count(self, query: Select[int]) -> int:
        return (await self._connection.execute(query)).scalar_one()


def _key_of(kept: KeptDocument) -> dict[str, object]:
    return {"of_receipt": kept.receipt_id, "of_form": kept.form.value}


def _key(row: RowMapping) -> dict[str, object]:
    return {"of_receipt": row["receipt_id"], "of_form": row["form"]}


def _covered(hold: LegalHold) -> Sequence[ColumnElement[bool]]:
    """The rows that this one hold is about."""
    if hold.receipt_id is not None:
        return (_K.receipt_id == hold.receipt_id,)
    until = (_K.dated_on <= hold.to_day,) if hold.to_day else ()
    return (_K.agency_code == hold.agency_code, _K.dated_on >= hold.from_day, *until)
