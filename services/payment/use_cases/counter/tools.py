from dataclasses import dataclass

from chassis.clock import Clock
from chassis.ids import Ids


@dataclass(frozen=True, slots=True)
class CounterTools:
    clock: Clock
    ids: Ids
