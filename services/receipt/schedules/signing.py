"""What goes on about signatures: signing what waits, and telling when something is amiss."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from chassis.clock import Clock
from chassis.ports import SealingPort
from chassis.worker import Schedule
from services.receipt.ports.signing import XmlSigner
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.providers.signers.configured_signers import (
    ConfiguredSigners,
    SignerStanding,
)
from services.receipt.use_cases.receipts.measure_unsigned import measure_unsigned
from services.receipt.use_cases.receipts.sign_numbered_receipts import sign_numbered_receipts

SIGNING_SECONDS: Final = 2.0
MEASURED_SECONDS: Final = 5.0
CERTIFICATES_SECONDS: Final = 24 * 3600.0
WARNED_DAYS: Final = 60
ALARMED_DAYS: Final = 14

UNSIGNED: Final = Gauge(
    "receipt_unsigned", "Receipts that have their number for more than five seconds, unsigned"
)
UNSIGNED_OLDEST: Final = Gauge(
    "receipt_unsigned_oldest_seconds", "How long the oldest of them has had its number"
)
DAYS_LEFT: Final = Gauge(
    "receipt_signer_certificate_days",
    "Days until the certificate of a signer ends; negative when it has",
    ["signer"],
)
FAILED: Final = Counter(
    "receipt_signing_failed_total",
    "Tries to sign a receipt that met a mistake of ours; it is tried again in an hour",
)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningWatch:
    open_uow: Callable[[], UnitOfWork]
    signers: ConfiguredSigners
    signer: XmlSigner
    seals: SealingPort
    clock: Clock

    def schedules(self) -> Sequence[Schedule]:
        return [
            Schedule(name="sign_numbered", every_seconds=SIGNING_SECONDS, run=self.sign),
            Schedule(name="measure_unsigned", every_seconds=MEASURED_SECONDS, run=self.measure),
            Schedule(
                name="look_at_certificates",
                every_seconds=CERTIFICATES_SECONDS,
                run=self.look_at_certificates,
            ),
        ]

    async def sign(self) -> None:
        while await sign_numbered_receipts(
            uow=self.open_uow(),
            signer=self.signer,
            seals=self.seals,
            clock=self.clock,
            count_failed=FAILED.inc,
        ):
            continue

    async def measure(self) -> None:
        unsigned = await measure_unsigned(uow=self.open_uow(), clock=self.clock)
        UNSIGNED.set(unsigned.count)
        waited = 0.0
        if unsigned.oldest is not None:
            waited = (self.clock.now() - unsigned.oldest).total_seconds()
            log.error("receipts are unsigned", count=unsigned.count, oldest_seconds=round(waited))
        UNSIGNED_OLDEST.set(waited)

    async def look_at_certificates(self) -> None:
        for standing in await self.signers.standing():
            self._tell(standing)

    def _tell(self, standing: SignerStanding) -> None:
        left = standing.days_left(self.clock.now())
        if left is None:
            log.warning("a signer is not there", signer=standing.name, why=standing.why_not)
            return
        DAYS_LEFT.labels(signer=standing.name).set(left)
        if left <= WARNED_DAYS:
            tell = log.error if left <= ALARMED_DAYS else log.warning
            tell("a signer's certificate ends soon", signer=standing.name, days=left)
