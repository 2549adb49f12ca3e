from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from services.catalog.domain.errors import BadAmount, Empty


class FeeBearer(StrEnum):
    """Who pays what the payment itself costs."""

    NOBODY = "nobody"
    PAYER = "payer"
    AGENCY = "agency"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodNotice:
    """A way to pay that works today, explained to those who pay. No limit: their bank's holds."""

    code: str
    name_vi: str
    name_en: str
    explanation_vi: str
    explanation_en: str
    fee_bearer: FeeBearer
    limit_minor_units: int | None
    currency: Literal["VND"]
    hours: str

    def __post_init__(self) -> None:
        where = f"Payment method {self.code}"
        texts = ("code", "name_vi", "name_en", "explanation_vi", "explanation_en", "hours")
        for field in texts:
            if not getattr(self, field).strip():
                raise Empty(where, field)
        if self.limit_minor_units is not None and self.limit_minor_units <= 0:
            raise BadAmount(where, "limit_minor_units")
