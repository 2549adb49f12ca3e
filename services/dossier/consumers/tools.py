from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from services.dossier.ports import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What worker.py hands to the consumers."""

    uow: Callable[[], UnitOfWork]
    clock: Clock
