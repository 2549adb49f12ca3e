from collections.abc import Collection, Mapping
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.bills.agency import Agency
from services.payment.domain.intents.payment_intent import Payee
from services.payment.storage.bills.tables import AGENCY

_T = AGENCY.c


class SqlAgencies:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def keep(self, agency: Agency, *, published_at: datetime) -> None:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = (postgresql_insert if postgresql else sqlite_insert)(AGENCY)
        said = {
            "valid_to_on": agency.valid_to,
            "name": agency.name,
            "bank_bin": agency.payee.bank_bin,
            "account_number": agency.payee.account_number,
            "account_name": agency.payee.account_name,
            "published_at": published_at,
        }
        key = {"agency_code": agency.code, "valid_from_on": agency.valid_from}
        await self._connection.execute(
            insert.values(**key, **said).on_conflict_do_update(
                index_elements=list(key), set_=said, where=_T.published_at < published_at
            )
        )

    async def find(self, codes: Collection[str], *, on: date) -> Mapping[str, Agency]:
        in_force = (
            select(AGENCY)
            .where(_T.agency_code.in_(sorted(codes)), _T.valid_from_on <= on)
            .where(or_(_T.valid_to_on.is_(None), _T.valid_to_on >= on))
            # The younger should two claim the day: it comes last, and stays.
            .order_by(_T.valid_from_on, _T.published_at)
        )
        rows = await self._connection.execute(in_force)
        return {
            row.agency_code: Agency(
                code=row.agency_code,
                name=row.name,
                payee=Payee(
                    bank_bin=row.bank_bin,
                    account_number=row.account_number,
                    account_name=row.account_name,
                ),
                valid_from=row.valid_from_on,
                valid_to=row.valid_to_on,
            )
            for row in rows
        }
