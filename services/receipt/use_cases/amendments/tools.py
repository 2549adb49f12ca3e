from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendTools:
    open_uow: Callable[[], UnitOfWork]
    clock: Clock
    ids: Ids
    seals: SealingPort
