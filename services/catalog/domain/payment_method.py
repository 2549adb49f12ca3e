from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Literal

from services.catalog.domain.errors import BadAmount, BadOpening, Empty, RepeatedEntry

WEEKDAYS = range(1, 8)


class FeeBearer(StrEnum):
    """Who pays what the payment itself costs."""

    NOBODY = "nobody"
    PAYER = "payer"
    AGENCY = "agency"


class Place(StrEnum):
    """Where somebody stands who pays this way."""

    ONLINE = "online"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A bank or card scheme that takes part; `bin` is how the interbank network calls a bank."""

    code: str
    name: str
    bin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A span on some weekdays (1 is Monday), in Vietnam's time; `closes` is no longer open."""

    days: tuple[int, ...]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodNotice:
    """A way to pay that works today, explained to those who pay. No limit: their bank's holds.

    `hours` is for people to read; `openings` is what is held to, and none of them is always.
    `illustrative`: the figures are samples, until a contract with a provider names them.
    """

    code: str
    name_vi: str
    name_en: str
    explanation_vi: str
    explanation_en: str
    fee_bearer: FeeBearer
    limit_minor_units: int | None
    currency: Literal["VND"]
    hours: str
    minimum_minor_units: int | None = None
    openings: tuple[Opening, ...] = ()
    places: tuple[Place, ...] = (Place.ONLINE,)
    brands: tuple[Brand, ...] = ()
    illustrative: bool = False

    def __post_init__(self) -> None:
        where = f"Payment method {self.code}"
        texts = ("code", "name_vi", "name_en", "explanation_vi", "explanation_en", "hours")
        for field in texts:
            if not getattr(self, field).strip():
                raise Empty(where, field)
        least, most = self.minimum_minor_units, self.limit_minor_units
        if most is not None and most <= 0:
            raise BadAmount(where, "limit_minor_units")
        if least is not None and (least <= 0 or (most is not None and least > most)):
            raise BadAmount(where, "minimum_minor_units")
        if not self.places:
            raise Empty(where, "places")
        for opening in self.openings:
            _check(opening, where)
        codes = [brand.code for brand in self.brands]
        for code in codes:
            if codes.count(code) > 1:
                raise RepeatedEntry(where, f"brand {code}")


def _check(opening: Opening, where: str) -> None:
    wrong_days = not opening.days or any(day not in WEEKDAYS for day in opening.days)
    if wrong_days or opening.opens >= opening.closes:
        raise BadOpening(where)
