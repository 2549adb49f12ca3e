"""Shapes that every interface shares: an amount and a page of a list."""

from typing import Annotated, Generic, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from chassis.money import Money

AMOUNT_MAX = 10**15
PAGE_SIZE_MAX = 100

Item = TypeVar("Item")


class MoneyBody(BaseModel):
    """An amount in whole minor units (đồng)."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[StrictInt, Field(ge=0, le=AMOUNT_MAX, examples=[150000])]
    currency: Literal["VND"] = "VND"

    @classmethod
    def of(cls, money: Money) -> Self:
        return cls.model_validate({"amount": money.minor_units, "currency": money.currency})

    def to_money(self) -> Money:
        return Money(self.amount, self.currency)


class Page(BaseModel, Generic[Item]):
    """Part of a list; ask again with `cursor=next_cursor` until it is null."""

    items: list[Item]
    next_cursor: str | None = None


PageSize = Annotated[int, Field(ge=1, le=PAGE_SIZE_MAX)]
