from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field, StrictInt

from chassis.events import Envelope, EventData
from chassis.money import Money
from services.payment.consumers.tools import Tools
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_intent import Confirmation
from services.payment.use_cases.intents.confirm_payment import confirm_payment


class PaymentIntentConfirmed(EventData):
    """What we read of payment_intent.confirmed.v1."""

    payment_intent_id: UUID
    confirmation_id: UUID
    evidence_id: Annotated[str, Field(max_length=100)]
    method: Method
    assurance: Annotated[str, Field(max_length=100)]
    amount_minor_units: StrictInt
    currency: str
    confirmed_at: AwareDatetime


async def on_payment_intent_confirmed(
    event: Envelope[PaymentIntentConfirmed], tools: Tools
) -> None:
    """The gateway has usually told us by a call; when that was lost, the event makes it good.

    The confirmation's own id makes the second telling harmless, so no inbox is asked.
    """
    said = event.data
    await confirm_payment(
        said.payment_intent_id,
        Confirmation(
            id=said.confirmation_id,
            evidence_id=said.evidence_id,
            method=said.method,
            amount=Money(said.amount_minor_units, said.currency),
            assurance=said.assurance,
            confirmed_at=said.confirmed_at,
        ),
        provider=tools.vietqr_provider,
        uow=tools.open_uow(),
        clock=tools.clock,
        ids=tools.ids,
    )
