"""`yyyyMMddHHmmss` in Viet Nam's time with a clock of 24 hours, as most providers here write it."""

import re
from datetime import datetime
from typing import Final

from chassis.clock import VIETNAM

FORMAT: Final = "%Y%m%d%H%M%S"
LENGTH: Final = 14
DIGITS: Final = re.compile(r"20[0-9]{12}")


def write_time(instant: datetime) -> str:
    return instant.astimezone(VIETNAM).strftime(FORMAT)


def read_time(text: str) -> datetime | None:
    """None where this is no such time."""
    if not DIGITS.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, FORMAT).replace(tzinfo=VIETNAM)
    except ValueError:
        return None


def dated(name: str, started_at: datetime) -> str:
    """A provider's name for an attempt that ends in when it began: enquiries and refunds have to
    say that time again, to the second."""
    return name + write_time(started_at)


def date_of(order_reference: str | None, otherwise: datetime) -> str:
    """The time that `dated` put there; another one where the name was not made by it."""
    tail = (order_reference or "")[-LENGTH:]
    return tail if read_time(tail) else write_time(otherwise)
