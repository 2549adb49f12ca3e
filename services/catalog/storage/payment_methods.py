from collections.abc import Sequence
from datetime import time
from typing import Any

from sqlalchemy import Row, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.payment_method import (
    Brand,
    FeeBearer,
    Opening,
    PaymentMethodNotice,
    Place,
)
from services.catalog.storage.tables import PAYMENT_METHOD

ALL = select(PAYMENT_METHOD).order_by(PAYMENT_METHOD.c.position)


class SqlPaymentMethods:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_all(self) -> Sequence[PaymentMethodNotice]:
        return [_to_notice(row) for row in await self._connection.execute(ALL)]

    async def replace_all(self, methods: Sequence[PaymentMethodNotice]) -> None:
        await self._connection.execute(delete(PAYMENT_METHOD))
        rows = [_to_row(method) | {"position": position} for position, method in enumerate(methods)]
        await self._connection.execute(insert(PAYMENT_METHOD), rows)


def _to_notice(row: Row[Any]) -> PaymentMethodNotice:
    return PaymentMethodNotice(
        code=row.code,
        name_vi=row.name_vi,
        name_en=row.name_en,
        explanation_vi=row.explanation_vi,
        explanation_en=row.explanation_en,
        fee_bearer=FeeBearer(row.fee_bearer),
        limit_minor_units=row.limit_minor_units,
        currency=row.currency,
        hours=row.hours,
        minimum_minor_units=row.minimum_minor_units,
        openings=tuple(
            Opening(
                days=tuple(one["days"]),
                opens=time.fromisoformat(one["opens"]),
                closes=time.fromisoformat(one["closes"]),
            )
            for one in row.openings or ()
        ),
        places=tuple(Place(one) for one in row.places or (Place.ONLINE,)),
        brands=tuple(
            Brand(code=one["code"], name=one["name"], bin=one["bin"]) for one in row.brands or ()
        ),
        illustrative=bool(row.illustrative),
    )


def _to_row(method: PaymentMethodNotice) -> dict[str, Any]:
    return {
        "code": method.code,
        "name_vi": method.name_vi,
        "name_en": method.name_en,
        "explanation_vi": method.explanation_vi,
        "explanation_en": method.explanation_en,
        "fee_bearer": method.fee_bearer.value,
        "limit_minor_units": method.limit_minor_units,
        "currency": method.currency,
        "hours": method.hours,
        "minimum_minor_units": method.minimum_minor_units,
        "openings": [
            {
                "days": list(one.days),
                "opens": one.opens.isoformat("minutes"),
                "closes": one.closes.isoformat("minutes"),
            }
            for one in method.openings
        ],
        "places": [place.value for place in method.places],
        "brands": [
            {"code": brand.code, "name": brand.name, "bin": brand.bin} for brand in method.brands
        ],
        "illustrative": method.illustrative,
    }
