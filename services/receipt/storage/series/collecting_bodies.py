from datetime import date, datetime
from typing import Final

from sqlalchemy import bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.storage.inserting import insert_into
from services.receipt.storage.series.tables import COLLECTING_BODY

ON_A_DAY: Final = (
    select(COLLECTING_BODY)
    .where(
        COLLECTING_BODY.c.agency_code == bindparam("code"),
        COLLECTING_BODY.c.valid_from_on <= bindparam("day"),
        or_(
            COLLECTING_BODY.c.valid_to_on.is_(None),
            COLLECTING_BODY.c.valid_to_on >= bindparam("day"),
        ),
    )
    .order_by(COLLECTING_BODY.c.valid_from_on.desc())
    .limit(1)
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
        wanted = {"code": agency_code, "day": on}
        row = (await self._connection.execute(ON_A_DAY, wanted)).one_or_none()
        if row is None:
            return None
        return CollectingBody(
            agency_code=row.agency_code,
            name=row.name,
            address=row.address,
            tax_code=row.tax_code,
            phone=row.phone,
            valid_from=row.valid_from_on,
            valid_to=row.valid_to_on,
        )
