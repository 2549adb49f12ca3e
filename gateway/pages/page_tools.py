from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chassis.clock import Clock
from gateway.ports.checks import GuessMeter, ReceiptChecks
from gateway.ports.people import Federations
from gateway.ports.showing import ShownPayments
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class PageTools:
    """What pages are made with. `headers` go with each of them: what a browser may run there."""

    new_uow: Callable[[], UnitOfWork]
    payments: ShownPayments
    checks: ReceiptChecks
    guesses: GuessMeter
    federations: Federations
    headers: Mapping[str, str]
    clock: Clock
