"""How surely a session knows its person, and how long it may live."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

# A session's use is written down at most this often: reading must not become writing.
SEEN_EVERY: Final = timedelta(minutes=1)
# Requests already under way when a token is rotated may still arrive with the old one.
ROTATION_GRACE: Final = timedelta(seconds=10)


class Acr(StrEnum):
    """Authentication context class: what was shown at sign-in."""

    PASSWORD = "urn:lephi:acr:password"  # noqa: S105
    RECOVERY = "urn:lephi:acr:recovery"
    FEDERATED = "urn:lephi:acr:federated"
    MFA = "urn:lephi:acr:mfa"
    PASSKEY = "urn:lephi:acr:passkey"

    def at_least(self, wanted: "Acr") -> bool:
        return RANKS[self] >= RANKS[wanted]


RANKS: Final[Mapping[Acr, int]] = {
    Acr.PASSWORD: 0,
    Acr.RECOVERY: 1,
    Acr.FEDERATED: 2,
    Acr.MFA: 3,
    Acr.PASSKEY: 4,
}


class Holder(StrEnum):
    """Citizens come and go; people on duty work a day."""

    CITIZEN = "citizen"
    ON_DUTY = "on duty"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A session ends when unused for `idle`, and in any case `whole` after sign-in."""

    idle: timedelta
    whole: timedelta


LIFETIMES: Final[Mapping[Holder, Lifetime]] = {
    Holder.CITIZEN: Lifetime(idle=timedelta(minutes=15), whole=timedelta(minutes=60)),
    Holder.ON_DUTY: Lifetime(idle=timedelta(minutes=15), whole=timedelta(hours=10)),
}
