from collections.abc import Callable
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.duties import Reach
from chassis.ids import Ids
from services.receipt.domain.series.errors import SeriesNotFound
from services.receipt.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesTools:
    """`must_be_registered`: a series needs an accepted registration, and none begins by itself."""

    open_uow: Callable[[], UnitOfWork]
    clock: Clock
    ids: Ids
    must_be_registered: bool = False


def require_agency(reach: Reach, agency_code: str) -> None:
    """The same refusal as for what is not there: whose it is is nobody's to learn."""
    if not reach.covers(client_id=None, agency_code=agency_code):
        raise SeriesNotFound
