"""The ways to pay as the catalogue publishes them, and when one of them may be used."""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from chassis.clock import VIETNAM
from chassis.errors import Refused
from chassis.money import Money
from services.payment.domain.methods.errors import (
    AboveMethodLimit,
    BelowMethodMinimum,
    MethodNotOffered,
    OutsideMethodHours,
)


class Place(StrEnum):
    """Where somebody stands who pays."""

    ONLINE = "online"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    code: str
    name: str
    bin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """On these weekdays (1 is Monday) from `opens` until just before `closes`, in Vietnam."""

    days: tuple[int, ...]
    opens: time
    closes: time

    def holds_at(self, local: datetime) -> bool:
        return local.isoweekday() in self.days and self.opens <= local.time() < self.closes


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedMethod:
    """`code` may be one that we do not know yet: the catalogue can be ahead of us."""

    code: str
    name_vi: str
    name_en: str
    explanation_vi: str
    explanation_en: str
    fee_bearer: str
    hours: str
    limit: Money | None = None
    minimum: Money | None = None
    openings: tuple[Opening, ...] = ()
    places: tuple[Place, ...] = (Place.ONLINE,)
    brands: tuple[Brand, ...] = ()
    illustrative: bool = False

    def refusal(self, amount: Money, *, at: datetime) -> Refused | None:
        """Why it cannot be used for this amount at this moment; None when it can."""
        if self.limit is not None and self.limit < amount:
            return AboveMethodLimit(self.code, self.limit)
        if self.minimum is not None and amount < self.minimum:
            return BelowMethodMinimum(self.code, self.minimum)
        local = at.astimezone(VIETNAM)
        if self.openings and not any(one.holds_at(local) for one in self.openings):
            return OutsideMethodHours(self.code, self.hours)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSet:
    """Always the whole set: a method that is missing was withdrawn."""

    published_at: datetime
    methods: tuple[PublishedMethod, ...]

    def require(
        self, code: str, amount: Money, *, at: datetime, place: Place | None = None
    ) -> None:
        """Raises what keeps this method from being used; `place` None: wherever it is offered."""
        method = next((one for one in self.methods if one.code == code), None)
        if method is None or (place is not None and place not in method.places):
            raise MethodNotOffered(code)
        refusal = method.refusal(amount, at=at)
        if refusal is not None:
            raise refusal
