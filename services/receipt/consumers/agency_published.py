from datetime import date

from chassis.events import Envelope, EventData
from services.receipt.consumers.tools import Tools
from services.receipt.domain.receipts.fee import CollectingBody
from services.receipt.use_cases.series.learn_collecting_body import learn_collecting_body


class AgencyPublished(EventData):
    """What we read of agency.published.v1; its account is nothing to us."""

    agency_code: str
    name: str
    address: str
    tax_code: str
    phone: str | None = None
    valid_from: date
    valid_to: date | None = None


async def on_agency_published(event: Envelope[AgencyPublished], tools: Tools) -> None:
    said = event.data
    body = CollectingBody(
        agency_code=said.agency_code,
        name=said.name,
        address=said.address,
        tax_code=said.tax_code,
        phone=said.phone,
        valid_from=said.valid_from,
        valid_to=said.valid_to,
    )
    await learn_collecting_body(
        body, published_at=event.time, caused_by=event.id, uow=tools.new_uow()
    )
