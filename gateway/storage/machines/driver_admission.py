"""The statement that every signed request runs, said to PostgreSQL's driver directly.

It is written once, by SQLAlchemy, and only sent here: taking the driver's own connection out of the
pool costs a tenth of what the layers above it cost (docs/performance.md). SqlAdmission does the
same everywhere else, and the tests hold both to the same words.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import asyncpg
import structlog
from sqlalchemy import Executable
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from chassis.clock import Clock
from chassis.db import Database
from chassis.ids import Ids
from gateway.domain.errors import StoreUnavailable
from gateway.domain.evidence.record import Evidence
from gateway.domain.machines.signed_request import SignedRequest
from gateway.ports.machines import NonceUse
from gateway.storage.audit.audit_log import audit_row
from gateway.storage.evidence.evidence_log import evidence_row
from gateway.storage.machines.nonces import (
    CLAIM,
    CLAIM_WITH_EVIDENCE,
    FIRST_USE,
    claim_values,
    evidence_values,
)

ANSWER_SECONDS_MAX: Final = 10.0
LOST: Final = (
    asyncpg.PostgresConnectionError,
    # The server ends, starts or is full: said by itself, and not by a broken wire.
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    # What the driver makes of an answer that was cut off.
    asyncpg.InternalClientError,
    OSError,
    TimeoutError,
)
new_dialect: Callable[[], Any] = PGDialect_asyncpg
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Spoken:
    """A statement as the driver takes it: text with $1, $2 …, and whose values those are."""

    text: str
    names: tuple[str, ...]

    @classmethod
    def of(cls, statement: Executable) -> Self:
        compiled: Any = statement.compile(dialect=new_dialect())  # type: ignore[attr-defined]
        return cls(str(compiled), tuple(compiled.positiontup))

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        return [_plain(given[name]) for name in self.names]


SPOKEN_CLAIM: Final = Spoken.of(CLAIM["postgresql"])
SPOKEN_CLAIM_WITH_EVIDENCE: Final = Spoken.of(CLAIM_WITH_EVIDENCE)
SPOKEN_FIRST_USE: Final = Spoken.of(FIRST_USE)
CLAIMED: Final = "INSERT 0 1"


class DriverClaims:
    def __init__(self, driver: "asyncpg.Connection[Any]", *, clock: Clock, ids: Ids) -> None:
        self._driver = driver
        self._clock = clock
        self._ids = ids

    async def claim(self, request: SignedRequest, use: NonceUse) -> NonceUse | None:
        values = SPOKEN_CLAIM.values(claim_values(request, use))
        done = await self._driver.execute(SPOKEN_CLAIM.text, *values, timeout=ANSWER_SECONDS_MAX)
        return None if done == CLAIMED else await self._first_use(request)

    async def claim_with_evidence(
        self, request: SignedRequest, use: NonceUse, evidence: Evidence
    ) -> NonceUse | None:
        audit = audit_row(evidence.audit_entry(), clock=self._clock, ids=self._ids)
        given = claim_values(request, use) | evidence_values(evidence_row(evidence), audit)
        claimed = await self._driver.fetchval(
            SPOKEN_CLAIM_WITH_EVIDENCE.text,
            *SPOKEN_CLAIM_WITH_EVIDENCE.values(given),
            timeout=ANSWER_SECONDS_MAX,
        )
        return None if claimed else await self._first_use(request)

    async def _first_use(self, request: SignedRequest) -> NonceUse:
        key = {"key_id": request.key.id, "nonce": request.nonce}
        row = await self._driver.fetchrow(
            SPOKEN_FIRST_USE.text, *SPOKEN_FIRST_USE.values(key), timeout=ANSWER_SECONDS_MAX
        )
        assert row is not None
        return NonceUse(row["base_hash"], row["evidence_id"])


class DriverAdmission:
    """A NonceScope. Each statement is its own transaction, and fails closed."""

    nonces: DriverClaims

    def __init__(self, database: Database, *, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._clock = clock
        self._ids = ids
        self._pooled: PoolProxiedConnection | None = None

    async def __aenter__(self) -> Self:
        try:
            self._pooled = await self._database.engine.raw_connection()
        except (SQLAlchemyError, OSError) as error:
            raise _unavailable(error) from error
        driver: Any = self._pooled.driver_connection
        self.nonces = DriverClaims(driver, clock=self._clock, ids=self._ids)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pooled, self._pooled = self._pooled, None
        assert pooled is not None
        lost = isinstance(error, LOST)
        if lost or (error is not None and not isinstance(error, Exception)):
            # Broken, or stopped in the middle of an answer: nobody else may get it.
            pooled.invalidate()
        pooled.close()
        if lost and error is not None:
            raise _unavailable(error) from error


def _unavailable(error: BaseException) -> StoreUnavailable:
    log.error("store out of reach", error=type(error).__name__)
    return StoreUnavailable()


def _plain(value: Any) -> Any:
    # The driver's own JSON codec, set by SQLAlchemy, takes text.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
