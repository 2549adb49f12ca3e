from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTools:
    """Each order gets a unit of work of its own: they are asked for side by side."""

    open_uow: Callable[[], UnitOfWork]
    seals: SealingPort
    clock: Clock
    ids: Ids
