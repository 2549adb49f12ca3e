"""One engine a process, the same tables on both databases, and the scope of a transaction."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

from chassis.canonical import sha256_hex

POOL_WAIT_SECONDS_MAX: Final = 5
SQLITE_BUSY_MILLISECONDS: Final = 10_000

# SQLite counts rows only in an INTEGER key.
Big: Final = BigInteger().with_variant(Integer, "sqlite")
Document: Final = JSON().with_variant(JSONB(), "postgresql")


class Utc(TypeDecorator[datetime]):
    """An aware instant in, the same instant in UTC out, on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must carry its offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def new_metadata() -> MetaData:
    """Every constraint gets a predictable name, so that a migration can speak of it."""
    return MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "ck": "%(table_name)s_%(constraint_name)s_check",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "pk": "%(table_name)s_pkey",
        }
    )


class Wakeup:
    """Rung after a commit, so that the relay need not wait for its next look."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        self._rung.set()

    async def wait(self, seconds_max: float) -> None:
        try:
            await asyncio.wait_for(self._rung.wait(), seconds_max)
        except TimeoutError:
            return
        finally:
            self._rung.clear()


class Database:
    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._reading = _for_reading(engine)
        self._listening: PoolProxiedConnection | None = None
        self.committed = Wakeup()

    @classmethod
    def open(cls, url: str, *, pool_size: int = 8) -> Self:
        if make_url(url).get_backend_name() == "sqlite":
            return cls(_open_sqlite(url))
        engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=POOL_WAIT_SECONDS_MAX,
            hide_parameters=True,
        )
        return cls(engine)

    @property
    def dialect(self) -> str:
        return self._engine.dialect.name

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed on leaving, rolled back when an error leaves it."""
        async with self._engine.begin() as connection:
            yield connection
        # PostgreSQL notifies whoever listens, and only when an event was stored.
        if self.dialect == "sqlite":
            self.committed.ring()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Look without writing; on SQLite this does not queue behind the one writer."""
        async with self._reading.connect() as connection:
            yield connection

    async def listen(self, channel: str) -> None:
        """Ring `committed` when a commit notifies; call again to mend a lost connection.

        SQLite has no channels, and needs none: there all of a service is in one process.
        """
        if self.dialect != "postgresql" or self._is_listening():
            return
        self._stop_listening()
        self._listening = await self._engine.raw_connection()
        driver: Any = self._listening.driver_connection
        try:
            await driver.add_listener(channel, lambda *_about: self.committed.ring())
        except BaseException:
            self._stop_listening()
            raise

    def _is_listening(self) -> bool:
        driver: Any = self._listening and self._listening.driver_connection
        return driver is not None and not driver.is_closed()

    def _stop_listening(self) -> None:
        """Give the place in the pool back, but never the connection: it carries a listener."""
        if self._listening is not None:
            self._listening.invalidate()
            self._listening.close()
            self._listening = None

    async def close(self) -> None:
        self._stop_listening()
        await self._engine.dispose()


class _ConnectionScope(ABC):
    """Opens a connection on entering, hands it to `bind`, and gives it back on leaving."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._opened: AbstractAsyncContextManager[AsyncConnection] | None = None

    @abstractmethod
    def bind(self, connection: AsyncConnection) -> None:
        """Build the repositories on this scope's connection."""

    @abstractmethod
    def _open(self) -> AbstractAsyncContextManager[AsyncConnection]: ...

    async def __aenter__(self) -> Self:
        self._opened = self._open()
        self.bind(await self._opened.__aenter__())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.__aexit__(kind, error, trace)


class TransactionScope(_ConnectionScope):
    """The part of every unit of work that commits on leaving, or rolls back if an error leaves."""

    def _open(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._database.begin()


class ReadingScope(_ConnectionScope):
    """For looking only: no transaction, and on SQLite no waiting for the one writer."""

    def _open(self) -> AbstractAsyncContextManager[AsyncConnection]:
        return self._database.read()


def _for_reading(engine: AsyncEngine) -> AsyncEngine:
    if engine.dialect.name == "sqlite":
        return engine.execution_options(read_only=True)
    # No BEGIN and no ROLLBACK around a look: each is a round trip.
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _open_sqlite(url: str) -> AsyncEngine:
    file = make_url(url).database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, hide_parameters=True)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    # PostgreSQL knows digests by itself; here a trigger that compares them needs ours.
    connection.create_function("sha256_hex", 1, sha256_hex, deterministic=True)
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        # NORMAL may lose the last commits at a power cut; this is money.
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={SQLITE_BUSY_MILLISECONDS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once when another has written
    # between; taking the writer's lock at the start makes it wait instead.
    read_only = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
