from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chassis.gathering import Gathering
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.unit_of_work import UnitOfWork
from services.receipt.use_cases.receipts.number_receipts import Paid


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What worker.py hands to the consumers. Each event gets a unit of work of its own, but for
    payments: those that come together are receipted together."""

    new_uow: Callable[[], UnitOfWork]
    issuing: Gathering[Paid, Sequence[Receipt]]
