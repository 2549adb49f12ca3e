from datetime import date

from chassis.events import Envelope, EventData
from services.dossier.consumers.tools import Tools
from services.dossier.domain.catalog import Agency, CollectionAccount
from services.dossier.use_cases.keep_agency import keep_agency


class AgencyPublished(EventData):
    """What we read of agency.published.v1."""

    agency_code: str
    name: str
    address: str
    phone: str | None
    collection_account: CollectionAccount
    valid_from: date
    valid_to: date | None


async def on_agency_published(event: Envelope[AgencyPublished], tools: Tools) -> None:
    data = event.data
    agency = Agency(
        agency_code=data.agency_code,
        name=data.name,
        address=data.address,
        phone=data.phone,
        account=data.collection_account,
        valid_from=data.valid_from,
        valid_to=data.valid_to,
    )
    await keep_agency(agency, published_at=event.time, caused_by=event.id, uow=tools.uow())
