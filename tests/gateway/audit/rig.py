"""A log to try things with: entries made in bulk, a signer, gauges that remember."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from chassis.clock import Clock, SystemClock
from chassis.db import Database
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from gateway.authentication.audit.checkpoint_signer import JwsCheckpointSigner
from gateway.domain.audit.checkpoint import Checkpoint
from gateway.domain.audit.entry import AuditEntry
from gateway.ports.audit import Witness
from gateway.storage.unit_of_work import SqlUnitOfWork
from gateway.use_cases.audit.keep_log import KeepingTools, keep_log
from gateway.use_cases.audit.sign_checkpoint import SigningTools

ORIGIN = "lephi-audit"
TREE_TABLES = ("audit_leaf", "audit_node", "audit_checkpoint", "audit_cosignature")


@dataclass
class RecordingGauges:
    alarms: list[str] = field(default_factory=list)
    pending: int = -1
    oldest_seconds: float = -1
    checkpoint: Checkpoint | None = None
    witnessed_sizes: dict[str, int] = field(default_factory=dict)

    def observe(self, backlog_pending: int, *, oldest_seconds: float) -> None:
        self.pending, self.oldest_seconds = backlog_pending, oldest_seconds

    def checkpointed(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint

    def witnessed(self, witness: str, *, size: int) -> None:
        self.witnessed_sizes[witness] = size

    def alarm(self, reason: str) -> None:
        self.alarms.append(reason)


@dataclass
class Rig:
    database: Database
    signer: JwsCheckpointSigner
    clock: Clock
    every: timedelta = timedelta(seconds=8)
    witnesses: list[Witness] = field(default_factory=list)
    gauges: RecordingGauges = field(default_factory=RecordingGauges)

    def uow(self) -> SqlUnitOfWork:
        return SqlUnitOfWork(self.database, clock=self.clock, ids=SystemIds(self.clock))

    async def add(self, count: int, *, of: Callable[[int], AuditEntry] | None = None) -> None:
        uow = self.uow()
        async with uow:
            for number in range(count):
                await uow.audit.add((of or entry)(number))

    @property
    def signing(self) -> SigningTools:
        return SigningTools(signer=self.signer, clock=self.clock, origin=ORIGIN, every=self.every)

    async def keep(self) -> RecordingGauges:
        tools = KeepingTools(
            new_uow=self.uow,
            signing=self.signing,
            witnesses=self.witnesses,
            gauges=self.gauges,
        )
        await keep_log(tools)
        return self.gauges

    async def grow(self, count: int) -> RecordingGauges:
        """Some more entries, their places, and a checkpoint over them."""
        await self.add(count)
        if isinstance(self.clock, FrozenClock):
            self.clock.advance(timedelta(seconds=10))
        return await self.keep()

    def blob(self, raw: bytes) -> str:
        """Bytes as this database spells them."""
        return f"'\\x{raw.hex()}'" if self.database.dialect == "postgresql" else f"X'{raw.hex()}'"

    async def tamper(self, *statements: str) -> None:
        """As somebody who owns the database and switches the triggers off."""
        async with self.database.engine.begin() as connection:
            if self.database.dialect == "postgresql":
                await connection.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                for table in TREE_TABLES:
                    for event in ("update", "delete"):
                        drop = f"DROP TRIGGER IF EXISTS {table}_refuse_{event}"
                        await connection.execute(text(drop))
            for statement in statements:
                await connection.execute(text(statement))


def entry(number: int) -> AuditEntry:
    return AuditEntry(
        action="thing.changed", actor="user:1", subject=f"thing:{number}", details={"to": "done"}
    )


def rig_of(database: Database, var_dir: Path, *, real_time: bool = False) -> Rig:
    signer = JwsCheckpointSigner.from_directory(var_dir / "keys" / "gateway")
    clock: Clock = SystemClock() if real_time else FrozenClock()
    return Rig(database, signer, clock)
