from typing import Annotated, Self

from pydantic import BaseModel, Field

from services.payment.domain.ledger.transaction import Balance


class BalanceBody(BaseModel):
    account: str
    currency: str
    balance_minor_units: Annotated[int, Field(description="Debits less credits.")]

    @classmethod
    def of(cls, balance: Balance) -> Self:
        return cls(
            account=balance.account,
            currency=balance.currency,
            balance_minor_units=balance.minor_units,
        )


class BalancesBody(BaseModel):
    items: list[BalanceBody]
