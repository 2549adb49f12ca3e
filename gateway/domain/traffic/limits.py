"""How much of each kind of traffic one source may send: a bucket of so many, filled at a rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Traffic(StrEnum):
    """Each kind has buckets of its own: what is heavy in one leaves the others as they are."""

    # By address, before anything else is done. A request whose client proved itself is given
    # back: it is counted by client below, and a whole province may stand behind one address.
    ADDRESS = "address"
    # By address as well, for the paths that banks and wallets call: never short of room because
    # of what else comes in.
    CALLBACK_ADDRESS = "callback_address"
    # By client, once its signature is proved; before that only looked at.
    WRITE = "write"
    READ = "read"
    CALLBACK = "callback"
    # By person, and by the account that a sign-in names, whether the password fits or not.
    PERSON = "person"
    SIGN_IN = "sign_in"
    # By address: look-ups of a receipt that found none. The other is of all addresses together.
    LOOKUP_MISS = "lookup_miss"
    LOOKUP_MISSES = "lookup_misses"
    # By address: files brought to be judged, which costs a second of a processor each.
    FILE_CHECK = "file_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """`burst` at once, `per_second` in the long run."""

    burst: int
    per_second: float

    def __post_init__(self) -> None:
        if self.burst < 1 or self.per_second <= 0:
            raise ValueError("a limit lets at least one request through, and then another")


LIMITS: Final[Mapping[Traffic, Limit]] = {
    Traffic.ADDRESS: Limit(burst=300, per_second=50),
    Traffic.CALLBACK_ADDRESS: Limit(burst=5_000, per_second=500),
    Traffic.WRITE: Limit(burst=2_000, per_second=500),
    Traffic.READ: Limit(burst=4_000, per_second=1_000),
    Traffic.CALLBACK: Limit(burst=5_000, per_second=500),
    Traffic.PERSON: Limit(burst=200, per_second=20),
    Traffic.SIGN_IN: Limit(burst=20, per_second=0.2),
    Traffic.LOOKUP_MISS: Limit(burst=30, per_second=0.2),
    Traffic.LOOKUP_MISSES: Limit(burst=600, per_second=5),
    Traffic.FILE_CHECK: Limit(burst=20, per_second=0.1),
}
