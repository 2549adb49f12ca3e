from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from chassis.ids import Ids
from services.receipt.ports.keeping import OpenKeeping, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepTools:
    """`check_within`: how long a copy may lie there without being compared."""

    open_keeping: OpenKeeping
    vault: Vault
    clock: Clock
    ids: Ids
    check_within: timedelta

    @property
    def check_after(self) -> timedelta:
        """Due sooner than it must be done, so that a night's standstill makes nothing late."""
        return self.check_within * 0.9
