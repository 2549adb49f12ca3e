"""What goes on about keeping: copying, comparing, looking through, and what is past its time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from prometheus_client import Gauge

from chassis.clock import Clock
from chassis.duties import Reach
from chassis.ids import Ids
from chassis.worker import Schedule
from services.receipt.domain.keeping.finding import KeepingReason, KeepingState
from services.receipt.ports.keeping import OpenKeeping, Vault
from services.receipt.use_cases.keeping.check_kept import BATCH_MAX as CHECKED_MAX
from services.receipt.use_cases.keeping.check_kept import check_kept, check_shelf
from services.receipt.use_cases.keeping.expire import list_expired, remove_expired
from services.receipt.use_cases.keeping.keep_documents import BATCH_MAX as KEPT_MAX
from services.receipt.use_cases.keeping.keep_documents import keep_documents
from services.receipt.use_cases.keeping.settle_findings import measure_keeping
from services.receipt.use_cases.keeping.tools import KeepTools

KEEPING_SECONDS: Final = 2.0
CHECKING_SECONDS: Final = 30.0
SHELVES_SECONDS: Final = 60.0
EXPIRY_SECONDS: Final = 3600.0
MEASURED_SECONDS: Final = 15.0
EXPIRED_SHOWN: Final = 20

CONFIGURED: Final = Gauge(
    "receipt_vault_configured", "1 while signed documents are copied to a vault, 0 while none is"
)
WAITING: Final = Gauge("receipt_keeping_waiting", "Signed documents without a copy in the vault")
OVERDUE: Final = Gauge(
    "receipt_keeping_overdue", "Copies that were not compared within the days they should be"
)
FINDINGS: Final = Gauge(
    "receipt_keeping_findings", "What did not fit and is not closed", ["reason", "state"]
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepingWatch:
    """Without a vault nothing is copied, and that is said."""

    open_keeping: OpenKeeping
    vault: Vault | None
    clock: Clock
    ids: Ids
    check_days: int
    deletes: bool

    def schedules(self) -> Sequence[Schedule]:
        CONFIGURED.set(0 if self.vault is None else 1)
        measure = Schedule(name="measure_keeping", every_seconds=MEASURED_SECONDS, run=self.measure)
        expire = Schedule(name="expire", every_seconds=EXPIRY_SECONDS, run=self.expire)
        if self.vault is None:
            log.warning("no vault is configured: no signed document is copied")
            return [measure, expire]
        return [
            measure,
            expire,
            Schedule(name="keep", every_seconds=KEEPING_SECONDS, run=self.keep),
            Schedule(name="check_kept", every_seconds=CHECKING_SECONDS, run=self.check),
            Schedule(name="check_shelf", every_seconds=SHELVES_SECONDS, run=self.look_through),
        ]

    async def keep(self) -> None:
        while await keep_documents(tools=self._tools()) == KEPT_MAX:
            continue

    async def check(self) -> None:
        while await check_kept(tools=self._tools()) == CHECKED_MAX:
            continue

    async def look_through(self) -> None:
        await check_shelf(tools=self._tools())

    async def expire(self) -> None:
        """Said in the log, and listed by the API; removed only where that is switched on."""
        expired = await list_expired(
            Reach.everything(),
            after=None,
            limit=EXPIRED_SHOWN,
            open_keeping=self.open_keeping,
            clock=self.clock,
        )
        if expired:
            log.info(
                "kept documents are past their time",
                receipts=[str(one.receipt_id) for one in expired],
                on_hold=sum(one.on_hold for one in expired),
            )
        if self.deletes and self.vault is not None:
            await remove_expired(tools=self._tools())

    async def measure(self) -> None:
        measured = await measure_keeping(
            open_keeping=self.open_keeping,
            clock=self.clock,
            check_within=timedelta(days=self.check_days),
        )
        WAITING.set(measured.waiting)
        OVERDUE.set(measured.overdue)
        for reason in KeepingReason:
            for state in (KeepingState.OPEN, KeepingState.REPAIRED):
                count = measured.findings.get((reason, state), 0)
                FINDINGS.labels(reason.value, state.value).set(count)

    def _tools(self) -> KeepTools:
        assert self.vault is not None
        return KeepTools(
            open_keeping=self.open_keeping,
            vault=self.vault,
            clock=self.clock,
            ids=self.ids,
            check_within=timedelta(days=self.check_days),
        )
