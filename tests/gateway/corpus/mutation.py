"""One change to a request; two changes to the same place are one change, so they make no pair."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.gateway.corpus.recipe import Recipe, Wire


@dataclass(frozen=True, slots=True)
class ByClient:
    """A client that signs otherwise than the profile says, with all it needs to sign."""

    place: str
    name: str
    change: Callable[[Recipe], Recipe]


@dataclass(frozen=True, slots=True)
class OnTheWay:
    """Somebody on the way, who can change everything but sign nothing. None: nothing to change."""

    place: str
    name: str
    change: Callable[[Wire], Wire | None]


ClientChanges = Iterator[ByClient]
WireChanges = Iterator[OnTheWay]
