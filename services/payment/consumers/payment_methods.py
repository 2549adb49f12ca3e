from datetime import time
from typing import Annotated

from pydantic import BaseModel, Field, StrictInt

from chassis.events import Envelope, EventData
from chassis.money import Money
from services.payment.consumers.tools import Tools
from services.payment.domain.methods.published import (
    Brand,
    MethodSet,
    Opening,
    Place,
    PublishedMethod,
)
from services.payment.use_cases.methods.keep_published_methods import keep_published_methods


class SaidOpening(BaseModel):
    days: list[Annotated[int, Field(ge=1, le=7)]]
    opens: time
    closes: time


class SaidBrand(BaseModel):
    code: str
    name: str
    bin: str | None = None


class SaidMethod(BaseModel):
    code: Annotated[str, Field(max_length=32)]
    name_vi: str
    name_en: str
    explanation_vi: str
    explanation_en: str
    fee_bearer: str
    limit_minor_units: StrictInt | None
    currency: Annotated[str, Field(pattern="^VND$")]
    hours: str
    minimum_minor_units: StrictInt | None = None
    openings: list[SaidOpening] = []
    places: list[Place] = [Place.ONLINE]
    brands: list[SaidBrand] = []
    illustrative: bool = False


class PaymentMethodsPublished(EventData):
    """What we read of payment_methods.published.v1."""

    methods: list[SaidMethod]


async def on_payment_methods_published(
    event: Envelope[PaymentMethodsPublished], tools: Tools
) -> None:
    """Limits and hours hold from now on for every try that begins."""
    methods = tuple(_method(one) for one in event.data.methods)
    published = MethodSet(published_at=event.time, methods=methods)
    await keep_published_methods(published, uow=tools.open_uow())


def _method(said: SaidMethod) -> PublishedMethod:
    return PublishedMethod(
        code=said.code,
        name_vi=said.name_vi,
        name_en=said.name_en,
        explanation_vi=said.explanation_vi,
        explanation_en=said.explanation_en,
        fee_bearer=said.fee_bearer,
        hours=said.hours,
        limit=_money(said.limit_minor_units, said.currency),
        minimum=_money(said.minimum_minor_units, said.currency),
        openings=tuple(
            Opening(days=tuple(one.days), opens=one.opens, closes=one.closes)
            for one in said.openings
        ),
        places=tuple(said.places),
        brands=tuple(Brand(code=one.code, name=one.name, bin=one.bin) for one in said.brands),
        illustrative=said.illustrative,
    )


def _money(minor_units: int | None, currency: str) -> Money | None:
    return None if minor_units is None else Money(minor_units, currency)
