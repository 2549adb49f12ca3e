"""What an officer types: every field bounded, and no card number in any of them."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from chassis.card_numbers import refuse_card_numbers
from chassis.http import IdempotencyKey

AgencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,39}$")]
# They become part of the drawer's account in the ledger.
DrawerName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$"), Field(examples=["Q1"])
]
Desk = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
TerminalId = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]{8}$"), Field(examples=["TID00001"])
]
BatchNo = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,6}$"), Field(examples=["000123"])]
ApprovalCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]{6}$"), Field(examples=["A1B2C3"])
]
# The retrieval reference number, or the trace number on older terminals.
Reference = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]{6,12}$"), Field(examples=["632812345678"])
]


class CounterForm(BaseModel):
    """Refused as a whole when a card number stands anywhere in it, even where no field is."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _hold_no_card_number(cls, given: Any) -> Any:
        refuse_card_numbers(given)
        return given


async def _counter_key(idempotency_key: IdempotencyKey) -> str:
    refuse_card_numbers(idempotency_key)
    return idempotency_key


# The key is kept as well, so it holds no card number either.
CounterKey = Annotated[str, Depends(_counter_key)]
