from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BindParameter, RowMapping, and_, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.storage.inserting import insert_into
from services.receipt.storage.series.delegations import to_delegate
from services.receipt.storage.series.tables import COLLECTING_BODY, ISSUE_DELEGATION

_B: Final = COLLECTING_BODY.c
_D: Final = ISSUE_DELEGATION.c
_DAY: Final[BindParameter[date]] = bindparam("day")
# The span that began last comes last, and so wins.
ON_A_DAY: Final = (
    select(COLLECTING_BODY, _D.delegate)
    .outerjoin(
        ISSUE_DELEGATION,
        and_(
            _D.agency_code == _B.agency_code,
            _D.valid_from_on <= _DAY,
            _D.valid_to_on >= _DAY,
            or_(_D.ended_on.is_(None), _D.ended_on > _DAY),
        ),
    )
    .where(
        _B.agency_code.in_(bindparam("codes", expanding=True)),
        _B.valid_from_on <= _DAY,
        or_(_B.valid_to_on.is_(None), _B.valid_to_on >= _DAY),
    )
    .order_by(_B.agency_code, _B.valid_from_on)
)


class SqlCollectingBodies:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, body: CollectingBody, *, published_at: datetime) -> None:
        said = {
            "valid_to_on": body.valid_to,
            "name": body.name,
            "address": body.address,
            "tax_code": body.tax_code,
            "phone": body.phone,
            "published_at": published_at,
        }
        upsert = insert_into(self._connection, COLLECTING_BODY).values(
            agency_code=body.agency_code, valid_from_on=body.valid_from, **said
        )
        # Events arrive in any order; the news that was said later wins.
        upsert = upsert.on_conflict_do_update(
            index_elements=["agency_code", "valid_from_on"],
            set_=said,
            where=COLLECTING_BODY.c.published_at < published_at,
        )
        await self._connection.execute(upsert)

    async def find(self, agency_code: str, *, on: date) -> CollectingBody | None:
        return (await self.find_all([agency_code], on=on)).get(agency_code)

    async def find_all(
        self, agency_codes: Collection[str], *, on: date
    ) -> Mapping[str, CollectingBody]:
        wanted: dict[str, Any] = {"codes": list(agency_codes), "day": on}
        rows = (await self._connection.execute(ON_A_DAY, wanted)).mappings()
        return {row["agency_code"]: _to_body(row) for row in rows}


def _to_body(row: RowMapping) -> CollectingBody:
    return CollectingBody(
        agency_code=row["agency_code"],
        name=row["name"],
        address=row["address"],
        tax_code=row["tax_code"],
        phone=row["phone"],
        valid_from=row["valid_from_on"],
        valid_to=row["valid_to_on"],
        delegate=to_delegate(row["delegate"]) if row["delegate"] else None,
    )
