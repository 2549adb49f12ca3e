"""The audit log's health as Prometheus reads it."""

from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from gateway.domain.audit.checkpoint import Checkpoint

PENDING: Final = Gauge("lephi_audit_pending_records", "Records that wait for a place in the log")
OLDEST: Final = Gauge("lephi_audit_oldest_pending_seconds", "How long the oldest of them waits")
CHECKPOINT_AT: Final = Gauge(
    "lephi_audit_checkpoint_timestamp_seconds", "When the last checkpoint was signed"
)
CHECKPOINT_SIZE: Final = Gauge("lephi_audit_checkpoint_leaves", "Leaves under the last checkpoint")
WITNESSED: Final = Gauge(
    "lephi_audit_witnessed_leaves", "Leaves under the last checkpoint a witness has", ["witness"]
)
ALARMS: Final = Counter(
    "lephi_audit_alarms", "Turns in which the log was not what had been signed of it"
)

log = structlog.get_logger()


class PrometheusAuditGauges:
    def observe(self, backlog_pending: int, *, oldest_seconds: float) -> None:
        PENDING.set(backlog_pending)
        OLDEST.set(oldest_seconds)

    def checkpointed(self, checkpoint: Checkpoint) -> None:
        # An instant, not an age: an age would stand still together with the worker.
        CHECKPOINT_AT.set(checkpoint.at.timestamp())
        CHECKPOINT_SIZE.set(checkpoint.size)

    def witnessed(self, witness: str, *, size: int) -> None:
        WITNESSED.labels(witness).set(size)

    def alarm(self, reason: str) -> None:
        ALARMS.inc()
        log.error("audit log broken", reason=reason)
