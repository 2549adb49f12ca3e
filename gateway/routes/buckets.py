"""Token buckets, kept by this process alone: with n replicas a source may send n times as much."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client import Counter

from chassis.clock import Clock
from gateway.domain.traffic.errors import TooManyRequests
from gateway.domain.traffic.limits import LIMITS, Limit, Traffic

# Per kind of traffic, some 15 MB when full. Beyond it the source that was quiet longest is
# forgotten, as one that has been quiet for long has a full bucket anyway.
SOURCES_MAX: Final = 50_000
REFUSED: Final = Counter("gateway_too_many_total", "Requests refused for their number", ["traffic"])


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    def __init__(
        self, limits: Mapping[Traffic, Limit], *, clock: Clock, sources_max: int = SOURCES_MAX
    ) -> None:
        self._limits = {**LIMITS, **limits}
        self._clock = clock
        self._sources_max = sources_max
        self._buckets: dict[Traffic, OrderedDict[str, _Bucket]] = {
            traffic: OrderedDict() for traffic in Traffic
        }

    def take(self, traffic: Traffic, source: str) -> None:
        """Raises TooManyRequests when this source has had its share."""
        bucket = self._filled(traffic, source)
        if bucket is None:
            bucket = _Bucket(self._limits[traffic].burst, self._now())
            self._remember(traffic, source, bucket)
        self._require(traffic, bucket)
        bucket.left -= 1

    def take_if_left(self, traffic: Traffic, source: str) -> bool:
        """For who is let in even so: a bucket goes down to nothing, and not below."""
        bucket = self._filled(traffic, source)
        if bucket is not None and bucket.left < 1:
            return False
        self.take(traffic, source)
        return True

    def is_full(self, traffic: Traffic, source: str) -> bool:
        bucket = self._filled(traffic, source)
        return bucket is None or bucket.left >= self._limits[traffic].burst

    def peek(self, traffic: Traffic, source: str) -> None:
        """The same without taking: who only claims a name must not use up what is another's."""
        bucket = self._filled(traffic, source)
        if bucket is not None:
            self._require(traffic, bucket)

    def give_back(self, traffic: Traffic, source: str) -> None:
        bucket = self._buckets[traffic].get(source)
        if bucket is not None:
            bucket.left = min(self._limits[traffic].burst, bucket.left + 1)

    def count(self, traffic: Traffic) -> int:
        return len(self._buckets[traffic])

    def _require(self, traffic: Traffic, bucket: _Bucket) -> None:
        if bucket.left >= 1:
            return
        limit = self._limits[traffic]
        REFUSED.labels(traffic).inc()
        raise TooManyRequests(traffic, limit, wait_seconds=(1 - bucket.left) / limit.per_second)

    def _filled(self, traffic: Traffic, source: str) -> _Bucket | None:
        known = self._buckets[traffic]
        bucket = known.get(source)
        if bucket is None:
            return None
        known.move_to_end(source)
        now, limit = self._now(), self._limits[traffic]
        # A clock that is set back fills nothing, and empties nothing either.
        bucket.left = min(limit.burst, bucket.left + max(0.0, now - bucket.at) * limit.per_second)
        bucket.at = now
        return bucket

    def _remember(self, traffic: Traffic, source: str, bucket: _Bucket) -> None:
        known = self._buckets[traffic]
        if len(known) >= self._sources_max:
            known.popitem(last=False)
        known[source] = bucket

    def _now(self) -> float:
        return self._clock.now().timestamp()
