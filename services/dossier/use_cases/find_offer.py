from dataclasses import dataclass
from datetime import date

from services.dossier.domain.catalog import Agency, FeeSchedule, Procedure
from services.dossier.domain.errors import (
    NoScheduleInForce,
    NotOfferedAtAgency,
    UnknownAgency,
    UnknownProcedure,
)
from services.dossier.ports import Catalog


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    agency: Agency
    procedure: Procedure
    schedule: FeeSchedule


async def find_offer(procedure_code: str, *, agency_code: str, on: date, catalog: Catalog) -> Offer:
    """The procedure as this agency offers it on this day, with its price list."""
    procedure = await catalog.find_procedure(procedure_code, on=on)
    if procedure is None:
        raise UnknownProcedure(procedure_code, on=on)
    if agency_code not in procedure.agency_codes:
        raise NotOfferedAtAgency(procedure_code, agency_code)
    agency = await catalog.find_agency(agency_code, on=on)
    if agency is None:
        raise UnknownAgency(agency_code, on=on)
    schedule = await catalog.find_schedule(procedure_code, on=on)
    if schedule is None:
        raise NoScheduleInForce(procedure_code, on=on)
    return Offer(agency=agency, procedure=procedure, schedule=schedule)
