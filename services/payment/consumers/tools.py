from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What worker.py hands to the handlers."""

    open_uow: Callable[[], UnitOfWork]
    clock: Clock
    ids: Ids
    intent_lifetime: timedelta
    vietqr_provider: str
