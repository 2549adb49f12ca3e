from datetime import time
from typing import Any

from chassis.money import Money
from services.payment.domain.methods.published import (
    Brand,
    MethodSet,
    Opening,
    Place,
    PublishedMethod,
)
from tests.payment.samples import NOON

OFFICE = Opening(days=(1, 2, 3, 4, 5), opens=time(7, 30), closes=time(17))


def a_method(code: str = "momo", **changes: Any) -> PublishedMethod:
    facts: dict[str, Any] = {
        "code": code,
        "name_vi": "Ví MoMo",
        "name_en": "MoMo wallet",
        "explanation_vi": "Trả bằng ví.",
        "explanation_en": "Pay by wallet.",
        "fee_bearer": "agency",
        "hours": "07:30–17:00",
        "limit": Money(50_000_000),
        "minimum": Money(1_000),
        "openings": (OFFICE,),
        "places": (Place.ONLINE,),
        "brands": (Brand(code="VCB", name="Vietcombank", bin="970436"),),
        "illustrative": True,
    }
    return PublishedMethod(**facts | changes)


def a_set(*methods: PublishedMethod, **changes: Any) -> MethodSet:
    facts: dict[str, Any] = {"published_at": NOON, "methods": methods or (a_method(),)}
    return MethodSet(**facts | changes)
