"""Against trying out: who misses often what only a paper's holder knows must wait.

A hit costs nothing, so whoever scans a pile of receipts is never stopped. When misses come from
everywhere at once, only a source that has missed nothing lately is let in.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gateway.domain.traffic.limits import Traffic
from gateway.routes.buckets import Buckets
from gateway.routes.gate import bucket_name

EVERYBODY: Final = "everybody"


@dataclass(slots=True)
class Guess:
    missed: bool = False


class Misses:
    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    @contextmanager
    def guess(self, source: str | None) -> Iterator[Guess]:
        """Taken beforehand and given back for a hit: many at once are no way around."""
        name = bucket_name(source)
        if name is None or not self._buckets.is_full(Traffic.LOOKUP_MISS, name):
            self._buckets.peek(Traffic.LOOKUP_MISSES, EVERYBODY)
        if name is not None:
            self._buckets.take(Traffic.LOOKUP_MISS, name)
        counted = self._buckets.take_if_left(Traffic.LOOKUP_MISSES, EVERYBODY)
        guess = Guess()
        try:
            yield guess
        finally:
            if not guess.missed:
                if name is not None:
                    self._buckets.give_back(Traffic.LOOKUP_MISS, name)
                if counted:
                    self._buckets.give_back(Traffic.LOOKUP_MISSES, EVERYBODY)

    def count_file(self, source: str | None) -> None:
        name = bucket_name(source)
        if name is not None:
            self._buckets.take(Traffic.FILE_CHECK, name)
