from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Response

from chassis.schemas import Page, PageSize
from gateway.api.audit.entries_csv import entries_csv
from gateway.api.audit.readers import READS_THE_LOG
from gateway.api.audit.schemas import CheckpointBody, ConsistencyBody, EntryBody, InclusionBody
from gateway.api.dependencies import UowDep
from gateway.domain.audit.leaf import LeafFilter
from gateway.use_cases.audit.prove_consistency import prove_consistency
from gateway.use_cases.audit.prove_inclusion import prove_entry
from gateway.use_cases.audit.read_log import (
    find_latest_checkpoint,
    list_checkpoints,
    search_entries,
)

INDEX_MAX: Final = 2**53 - 1
CSV_ROWS_MAX: Final = 5_000
Index = Annotated[int, Query(ge=0, le=INDEX_MAX)]
Name = Annotated[str | None, Query(min_length=1, max_length=256)]

router = APIRouter(prefix="/v1/audit", tags=["audit"])


@router.get("/checkpoint")
async def get_latest_checkpoint(uow: UowDep) -> CheckpointBody:
    """What the log last committed itself to, signed by us and by whoever witnessed it."""
    return CheckpointBody.of(await find_latest_checkpoint(uow=uow))


@router.get("/checkpoints")
async def get_checkpoint_page(
    uow: UowDep, after: Index = 0, limit: PageSize = 50
) -> Page[CheckpointBody]:
    """Those of more than `after` leaves, smallest first; the cursor is the next `after`."""
    found = await list_checkpoints(after=after, limit=limit + 1, uow=uow)
    shown = [CheckpointBody.of(one) for one in found[:limit]]
    return Page(items=shown, next_cursor=str(shown[-1].size) if len(found) > limit else None)


@router.get(
    "/entries",
    responses={200: {"content": {"text/csv": {}}, "description": "A page, or one CSV file"}},
    response_model=Page[EntryBody],
    dependencies=[READS_THE_LOG],
)
async def get_entry_page(
    uow: UowDep,
    action: Name = None,
    actor: Name = None,
    subject: Name = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: Annotated[int | None, Query(ge=0, le=INDEX_MAX)] = None,
    limit: PageSize = 50,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Page[EntryBody] | Response:
    """Newest first. As CSV up to 5,000 rows; `Link` says where the next file begins."""
    wanted = LeafFilter(
        action=action,
        actor=actor,
        subject=subject,
        since=_aware(since),
        until=_aware(until),
        before=cursor,
    )
    most = CSV_ROWS_MAX if form == "csv" else limit
    found = await search_entries(wanted, limit=most + 1, uow=uow)
    shown = [EntryBody.of(leaf) for leaf in found[:most]]
    following = str(shown[-1].index) if len(found) > most else None
    if form == "json":
        return Page(items=shown, next_cursor=following)
    headers = {"Content-Disposition": 'attachment; filename="audit-entries.csv"'}
    if following is not None:
        headers["Link"] = f'</v1/audit/entries?format=csv&cursor={following}>; rel="next"'
    return Response(entries_csv(shown), media_type="text/csv", headers=headers)


@router.get("/entries/{index}/inclusion", dependencies=[READS_THE_LOG])
async def get_inclusion(
    index: Annotated[int, Path(ge=0, le=INDEX_MAX)],
    uow: UowDep,
    size: Annotated[int | None, Query(ge=1, le=INDEX_MAX)] = None,
) -> InclusionBody:
    """That the entry is in the log of `size` leaves; without `size`, the first witnessed one."""
    return InclusionBody.of(await prove_entry(index, size=size, uow=uow))


@router.get("/consistency")
async def get_consistency(
    uow: UowDep,
    first: Annotated[int, Query(alias="from", ge=0, le=INDEX_MAX)],
    second: Annotated[int, Query(alias="to", ge=1, le=INDEX_MAX)],
) -> ConsistencyBody:
    """That the log of `from` leaves begins the log of `to` (RFC 6962, 2.1.2)."""
    return ConsistencyBody.of(await prove_consistency(first, second, uow=uow))


def _aware(instant: datetime | None) -> datetime | None:
    """A time without a zone is one of UTC."""
    if instant is None or instant.tzinfo is not None:
        return instant
    return instant.replace(tzinfo=UTC)
