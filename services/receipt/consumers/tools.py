from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.receipt.ports.signing import XmlSigner
from services.receipt.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What worker.py hands to the consumers. Each event gets a unit of work of its own."""

    new_uow: Callable[[], UnitOfWork]
    signer: XmlSigner
    seals: SealingPort
    clock: Clock
    ids: Ids
