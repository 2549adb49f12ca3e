from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.clock import Clock
from chassis.db import Database, ReadingScope, TransactionScope
from chassis.ids import Ids
from chassis.outbox import SqlOutbox
from services.catalog.storage.agencies import SqlAgencies
from services.catalog.storage.fee_schedules import SqlFeeSchedules
from services.catalog.storage.payment_methods import SqlPaymentMethods
from services.catalog.storage.procedures import SqlProcedures
from services.catalog.storage.tables import LOAD_LOCK, OUTBOX

SOURCE: Final = "catalog"


class _Repositories:
    agencies: SqlAgencies
    procedures: SqlProcedures
    fee_schedules: SqlFeeSchedules
    payment_methods: SqlPaymentMethods

    def _build(self, connection: AsyncConnection) -> None:
        self.agencies = SqlAgencies(connection)
        self.procedures = SqlProcedures(connection)
        self.fee_schedules = SqlFeeSchedules(connection)
        self.payment_methods = SqlPaymentMethods(connection)


class SqlReading(_Repositories, ReadingScope):
    """Looks only; on SQLite it does not wait for the one writer."""

    def bind(self, connection: AsyncConnection) -> None:
        self._build(connection)


class SqlUnitOfWork(_Repositories, TransactionScope):
    outbox: SqlOutbox

    def __init__(self, database: Database, *, clock: Clock, ids: Ids) -> None:
        super().__init__(database)
        self._clock = clock
        self._ids = ids
        self._connection: AsyncConnection

    def bind(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._build(connection)
        self.outbox = SqlOutbox(connection, OUTBOX, source=SOURCE, clock=self._clock, ids=self._ids)

    async def lock(self) -> None:
        # Two first loads meet at the key, all later ones at the row.
        postgresql = self._database.dialect == "postgresql"
        insert = insert_postgresql(LOAD_LOCK) if postgresql else insert_sqlite(LOAD_LOCK)
        await self._connection.execute(insert.values(name="load").on_conflict_do_nothing())
        await self._connection.execute(select(LOAD_LOCK).with_for_update())
