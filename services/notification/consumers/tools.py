from dataclasses import dataclass

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.notification.ports import OpenUnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What worker.py hands to the handlers."""

    open_uow: OpenUnitOfWork
    sealer: SealingPort
    clock: Clock
    ids: Ids
