from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.agency import Agency, CollectionAccount
from services.catalog.domain.errors import AgencyNotFound
from services.catalog.domain.period import Period
from services.catalog.storage.tables import AGENCY

BY_CODES = select(AGENCY).where(AGENCY.c.code.in_(bindparam("codes", expanding=True)))
IN_FORCE = (
    select(AGENCY)
    .where(AGENCY.c.code > bindparam("after"))
    .where(AGENCY.c.valid_from_on <= bindparam("day"))
    .where(or_(AGENCY.c.valid_to_on.is_(None), AGENCY.c.valid_to_on >= bindparam("day")))
    .order_by(AGENCY.c.code)
    .limit(bindparam("size"))
)


class SqlAgencies:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, code: str) -> Agency:
        found = await self.list_by_codes([code])
        if not found:
            raise AgencyNotFound(code)
        return found[0]

    async def list_by_codes(self, codes: Collection[str]) -> Sequence[Agency]:
        rows = await self._connection.execute(BY_CODES, {"codes": list(codes)})
        return [to_agency(row) for row in rows]

    async def list_in_force(self, *, on: date, after: str, limit: int) -> Sequence[Agency]:
        values = {"after": after, "day": on, "size": limit}
        return [to_agency(row) for row in await self._connection.execute(IN_FORCE, values)]

    async def add(self, agency: Agency) -> None:
        await self._connection.execute(insert(AGENCY), to_row(agency))

    async def save(self, agency: Agency) -> None:
        row = to_row(agency)
        await self._connection.execute(update(AGENCY).where(AGENCY.c.code == agency.code), row)


def to_row(agency: Agency) -> dict[str, Any]:
    account = agency.collection_account
    return {
        "code": agency.code,
        "name": agency.name,
        "address": agency.address,
        "tax_code": agency.tax_code,
        "phone": agency.phone,
        "bank_bin": account.bank_bin,
        "account_number": account.account_number,
        "account_name": account.account_name,
        "valid_from_on": agency.period.valid_from,
        "valid_to_on": agency.period.valid_to,
    }


def to_agency(row: Row[Any]) -> Agency:
    return Agency(
        code=row.code,
        name=row.name,
        address=row.address,
        tax_code=row.tax_code,
        phone=row.phone,
        collection_account=CollectionAccount(
            bank_bin=row.bank_bin,
            account_number=row.account_number,
            account_name=row.account_name,
        ),
        period=Period(row.valid_from_on, row.valid_to_on),
    )
