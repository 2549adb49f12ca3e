from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request

from chassis.tables.table import TableWriter
from services.receipt.domain.series.delegation import Delegation
from services.receipt.domain.series.registration import Registration
from services.receipt.ports.series import SigningCertificates
from services.receipt.use_cases.series.tools import SeriesTools

SERIES: Final = "receipt.series"
RegistrationForm = Callable[[Registration, Sequence[Delegation]], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesRouteTools:
    """What main.py hands to the routes of series. `writers` by the ending of a file's name."""

    series: SeriesTools
    certificates: SigningCertificates
    form: RegistrationForm
    writers: Mapping[str, TableWriter]


async def _tools(request: Request) -> SeriesRouteTools:
    tools: SeriesRouteTools = request.app.state.series_tools
    return tools


SeriesToolsDep = Annotated[SeriesRouteTools, Depends(_tools)]
