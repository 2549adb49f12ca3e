"""A time stamp (RFC 3161): somebody outside says that these bytes were there by then."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeStamp:
    """`token` is the TimeStampToken as DER, checked before anybody gets to see it."""

    token: bytes
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointStamp:
    """Over the checkpoint of `size` leaves: its JWS, in ASCII."""

    size: int
    token: bytes
    at: datetime

    def is_next_due(self, *, size: int, now: datetime, every: timedelta) -> bool:
        return size > self.size and now - self.at >= every
