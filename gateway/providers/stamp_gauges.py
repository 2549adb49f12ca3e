"""How well time stamping goes, as Prometheus reads it."""

from typing import Final

import structlog
from prometheus_client import Counter, Gauge

from gateway.domain.evidence.stamp import CheckpointStamp

STAMPED_AT: Final = Gauge(
    "lephi_checkpoint_stamp_timestamp_seconds", "When a checkpoint was last given a time stamp"
)
STAMPED_SIZE: Final = Gauge("lephi_checkpoint_stamp_leaves", "Leaves under that checkpoint")
FAILURES: Final = Counter(
    "lephi_checkpoint_stamp_failures", "Times that no time stamp was to be had"
)

log = structlog.get_logger()


class PrometheusStampGauges:
    def stamped(self, stamp: CheckpointStamp) -> None:
        STAMPED_AT.set(stamp.at.timestamp())
        STAMPED_SIZE.set(stamp.size)

    def failed(self, reason: str) -> None:
        FAILURES.inc()
        log.warning("no time stamp", reason=reason)
