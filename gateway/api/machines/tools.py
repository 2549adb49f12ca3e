from dataclasses import dataclass
from datetime import timedelta

from gateway.ports.machines import KeyProofs


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineTools:
    """What the register of clients needs beyond a transaction."""

    key_proofs: KeyProofs
    # A key that retires is accepted at least this long beside its successor.
    overlap_min: timedelta
