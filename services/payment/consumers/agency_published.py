from datetime import date

from pydantic import BaseModel

from chassis.events import Envelope, EventData
from services.payment.consumers.tools import Tools
from services.payment.domain.bills.agency import Agency
from services.payment.domain.intents.payment_intent import Payee
from services.payment.use_cases.bills.keep_agency import keep_agency


class CollectionAccount(BaseModel):
    bank_bin: str
    account_number: str
    account_name: str


class AgencyPublished(EventData):
    """What we read of agency.published.v1."""

    agency_code: str
    name: str
    collection_account: CollectionAccount
    valid_from: date
    valid_to: date | None


async def on_agency_published(event: Envelope[AgencyPublished], tools: Tools) -> None:
    """Bills are collected for agencies that are published, at the accounts they published."""
    said = event.data
    agency = Agency(
        code=said.agency_code,
        name=said.name,
        payee=Payee(
            bank_bin=said.collection_account.bank_bin,
            account_number=said.collection_account.account_number,
            account_name=said.collection_account.account_name,
        ),
        valid_from=said.valid_from,
        valid_to=said.valid_to,
    )
    await keep_agency(agency, published_at=event.time, caused_by=event.id, uow=tools.open_uow())
