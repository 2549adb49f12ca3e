"""Orders to outside issuers. Whoever takes one up has stored that it asks before it asks."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Select,
    bindparam,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.outside.errors import OutsideIssueNotFound
from services.receipt.domain.outside.finding import Hole
from services.receipt.domain.outside.issue import OrderState, OutsideIssue, Told
from services.receipt.ports.outside import Backlog, IssueFilter
from services.receipt.storage.inserting import InsertOnce
from services.receipt.storage.outside.rows import changing, issue_row, to_issue
from services.receipt.storage.outside.tables import OUTSIDE_ISSUE
from services.receipt.storage.receipts.receipts import OF_THE_FEE
from services.receipt.storage.receipts.tables import PAID_FEE, RECEIPT
from services.receipt.storage.series.tables import RECEIPT_SERIES

# The issuer's books are looked at soon after a receipt is there.
FIRST_CHECK_AFTER: Final = timedelta(seconds=30)

_T: Final = OUTSIDE_ISSUE.c
_OWN: Final = [
    column.label(f"order_{column.name}") if column.name in ("lines", "payer_sealed") else column
    for column in OUTSIDE_ISSUE.c
]
_WHOLE: Final = select(*_OWN, PAID_FEE.c.currency, *OF_THE_FEE).join(
    PAID_FEE, PAID_FEE.c.payment_intent_id == _T.payment_intent_id
)
_TAKEN: Final = select(
    or_(
        exists().where(
            _T.issuer == bindparam("of_issuer"),
            _T.form_code == bindparam("of_form"),
            _T.symbol == bindparam("of_symbol"),
            _T.number == bindparam("of_number"),
            _T.state == OrderState.ISSUED.value,
            _T.id != bindparam("but_for"),
        ),
        exists().where(
            RECEIPT.c.agency_code == bindparam("of_agency"),
            RECEIPT.c.form_code == bindparam("of_form"),
            RECEIPT.c.symbol == bindparam("of_symbol"),
            RECEIPT.c.number == bindparam("of_number"),
        ),
    )
)
_SERIES: Final = InsertOnce(RECEIPT_SERIES)
_S: Final = RECEIPT_SERIES.c
_REACHED: Final[BindParameter[int]] = bindparam("reached")
_REACH: Final = (
    update(RECEIPT_SERIES)
    .where(
        _S.agency_code == bindparam("of_agency"),
        _S.form_code == bindparam("of_form"),
        _S.symbol == bindparam("of_symbol"),
    )
    .values(last_number=case((_S.last_number < _REACHED, _REACHED), else_=_S.last_number))
)


class SqlOutsideIssues:
    def __init__(self, connection: AsyncConnection, by_agency: Mapping[str, str]) -> None:
        """`by_agency`: who issues for the collecting bodies that have somebody else do it."""
        self._connection = connection
        self._by_agency = by_agency

    def issuer_of(self, agency_code: str) -> str | None:
        return self._by_agency.get(agency_code)

    async def add(self, issues: Sequence[OutsideIssue]) -> None:
        if issues:
            await self._connection.execute(
                insert(OUTSIDE_ISSUE), [issue_row(one) for one in issues]
            )

    async def claim_due(
        self, issuer: str, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[OutsideIssue]:
        due = (
            _WHOLE.where(_T.issuer == issuer, _T.due_at <= now)
            .order_by(_T.due_at)
            .limit(limit)
            .with_for_update(of=OUTSIDE_ISSUE, skip_locked=True)
        )
        asked = [one.ask(at=now, until=until) for one in await self._list(due)]
        for one in asked:
            await self.save(one)
        return asked

    async def get_for_update(self, issue_id: UUID) -> OutsideIssue:
        locked = _WHOLE.where(_T.id == issue_id).with_for_update(of=OUTSIDE_ISSUE)
        found = await self._list(locked)
        if not found:
            raise OutsideIssueNotFound
        return found[0]

    async def save(self, issue: OutsideIssue) -> None:
        values: dict[str, Any] = changing(issue)
        if issue.told is not None and issue.receipt_id is not None and issue.asked_at:
            values["check_due_at"] = issue.asked_at + FIRST_CHECK_AFTER
        await self._connection.execute(
            update(OUTSIDE_ISSUE).where(_T.id == issue.id).values(values)
        )

    async def is_taken(self, issue: OutsideIssue, told: Told) -> bool:
        place = {
            "of_issuer": issue.issuer,
            "of_agency": issue.agency_code,
            "of_form": told.form_code,
            "of_symbol": told.symbol,
            "of_number": told.number,
            "but_for": issue.id,
        }
        return bool((await self._connection.execute(_TAKEN, place)).scalar())

    async def find_of_receipt(self, receipt_id: UUID) -> OutsideIssue | None:
        found = await self._list(_WHOLE.where(_T.receipt_id == receipt_id))
        return found[0] if found else None

    async def find_of_amendment(self, amendment_id: UUID) -> OutsideIssue | None:
        found = await self._list(_WHOLE.where(_T.amendment_id == amendment_id))
        return found[0] if found else None

    async def open_series(self, issue: OutsideIssue, told: Told, *, now: datetime) -> None:
        series = {
            "agency_code": issue.agency_code,
            "form_code": told.form_code,
            "symbol": told.symbol,
        }
        beginning = {"last_number": told.number, "last_numbered_at": now}
        if await _SERIES.run(self._connection, series | beginning):
            return
        named = {f"of_{name.removesuffix('_code')}": value for name, value in series.items()}
        await self._connection.execute(_REACH, named | {"reached": told.number})

    async def claim_checks(
        self, issuer: str, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[OutsideIssue]:
        due = (
            _WHOLE.where(_T.issuer == issuer, _T.check_due_at <= now)
            .order_by(_T.check_due_at)
            .limit(limit)
            .with_for_update(of=OUTSIDE_ISSUE, skip_locked=True)
        )
        claimed = await self._list(due)
        for one in claimed:
            await self.date_check(one.id, until)
        return claimed

    async def date_check(self, issue_id: UUID, due_at: datetime | None) -> None:
        dated = update(OUTSIDE_ISSUE).where(_T.id == issue_id).values(check_due_at=due_at)
        await self._connection.execute(dated)

    async def list_corrections(self, receipt_id: UUID) -> Sequence[OutsideIssue]:
        done = _T.state == OrderState.ISSUED.value
        return await self._list(_WHOLE.where(_T.corrects_id == receipt_id, done).order_by(_T.id))

    async def list_holes(
        self, issuer: str, *, since: datetime, before: datetime, limit: int
    ) -> Sequence[Hole]:
        """Between neighbours that were asked for in that time; what is younger may still come."""
        neighbours = (
            select(
                _T.form_code,
                _T.symbol,
                _T.number,
                _T.asked_at,
                func.lag(_T.number)
                .over(partition_by=(_T.form_code, _T.symbol), order_by=_T.number)
                .label("previous"),
            )
            .where(_T.issuer == issuer, _T.number.is_not(None))
            .where(_T.state == OrderState.ISSUED.value, _T.asked_at >= since)
            .subquery()
        )
        apart = (
            select(neighbours)
            .where(neighbours.c.number - neighbours.c.previous > 1)
            .where(neighbours.c.asked_at <= before)
            .order_by(neighbours.c.form_code, neighbours.c.symbol, neighbours.c.number)
            .limit(limit)
        )
        return [
            Hole(
                form_code=row.form_code,
                symbol=row.symbol,
                first=row.previous + 1,
                last=row.number - 1,
            )
            for row in await self._connection.execute(apart)
        ]

    async def list_backlog(self, issuer: str) -> Sequence[Backlog]:
        undone = (
            select(_T.state, func.count().label("count"), func.min(_T.ordered_at).label("old"))
            .where(_T.issuer == issuer, _T.state != OrderState.ISSUED.value)
            .group_by(_T.state)
        )
        return [
            Backlog(state=OrderState(row.state), count=row[1], oldest_at=row.old)
            for row in await self._connection.execute(undone)
        ]

    async def list_page(self, wanted: IssueFilter) -> Sequence[OutsideIssue]:
        """The latest first."""
        page = _WHOLE.order_by(_T.id.desc()).limit(wanted.limit)
        if wanted.state is not None:
            page = page.where(_T.state == wanted.state.value)
        if wanted.agencies is not None:
            page = page.where(_T.agency_code.in_(sorted(wanted.agencies)))
        if wanted.before is not None:
            page = page.where(_T.id < wanted.before)
        return await self._list(page)

    async def _list(self, query: Select[Any]) -> list[OutsideIssue]:
        return [to_issue(row) for row in (await self._connection.execute(query)).mappings()]
