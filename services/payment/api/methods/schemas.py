from datetime import time
from typing import Self

from pydantic import BaseModel

from chassis.errors import Refused
from chassis.money import Money
from chassis.schemas import MoneyBody
from services.payment.domain.methods.published import Place, PublishedMethod
from services.payment.use_cases.methods.list_offered_methods import Offer


class BrandBody(BaseModel):
    code: str
    name: str
    bin: str | None


class OpeningBody(BaseModel):
    """From `opens` until `closes`, in Vietnam's time, on these weekdays; 1 is Monday."""

    days: list[int]
    opens: time
    closes: time


class RefusalBody(BaseModel):
    code: str
    vi: str
    en: str

    @classmethod
    def of(cls, refused: Refused | None) -> Self | None:
        if refused is None:
            return None
        return cls(code=refused.code, vi=refused.message_vi, en=refused.message)


class OfferBody(BaseModel):
    """`refusal` says why this method cannot be used for this fee now; null when it can."""

    code: str
    name_vi: str
    name_en: str
    explanation_vi: str
    explanation_en: str
    fee_bearer: str
    limit: MoneyBody | None
    minimum: MoneyBody | None
    hours: str
    openings: list[OpeningBody]
    places: list[Place]
    brands: list[BrandBody]
    illustrative: bool
    refusal: RefusalBody | None

    @classmethod
    def of(cls, offer: Offer) -> Self:
        method = offer.method
        return cls(
            code=method.code,
            name_vi=method.name_vi,
            name_en=method.name_en,
            explanation_vi=method.explanation_vi,
            explanation_en=method.explanation_en,
            fee_bearer=method.fee_bearer,
            limit=_money(method.limit),
            minimum=_money(method.minimum),
            hours=method.hours,
            openings=_openings(method),
            places=list(method.places),
            brands=[BrandBody(code=one.code, name=one.name, bin=one.bin) for one in method.brands],
            illustrative=method.illustrative,
            refusal=RefusalBody.of(offer.refusal),
        )


class OffersBody(BaseModel):
    items: list[OfferBody]


def _openings(method: PublishedMethod) -> list[OpeningBody]:
    return [
        OpeningBody(days=list(one.days), opens=one.opens, closes=one.closes)
        for one in method.openings
    ]


def _money(money: Money | None) -> MoneyBody | None:
    return None if money is None else MoneyBody.of(money)
