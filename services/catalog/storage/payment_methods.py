from collections.abc import Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.catalog.domain.payment_method import FeeBearer, PaymentMethodNotice
from services.catalog.storage.tables import PAYMENT_METHOD

ALL = select(PAYMENT_METHOD).order_by(PAYMENT_METHOD.c.position)


class SqlPaymentMethods:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def list_all(self) -> Sequence[PaymentMethodNotice]:
        return [
            PaymentMethodNotice(
                code=row.code,
                name_vi=row.name_vi,
                name_en=row.name_en,
                explanation_vi=row.explanation_vi,
                explanation_en=row.explanation_en,
                fee_bearer=FeeBearer(row.fee_bearer),
                limit_minor_units=row.limit_minor_units,
                currency=row.currency,
                hours=row.hours,
            )
            for row in await self._connection.execute(ALL)
        ]

    async def replace_all(self, methods: Sequence[PaymentMethodNotice]) -> None:
        await self._connection.execute(delete(PAYMENT_METHOD))
        rows = [
            {
                "code": method.code,
                "position": position,
                "name_vi": method.name_vi,
                "name_en": method.name_en,
                "explanation_vi": method.explanation_vi,
                "explanation_en": method.explanation_en,
                "fee_bearer": method.fee_bearer.value,
                "limit_minor_units": method.limit_minor_units,
                "currency": method.currency,
                "hours": method.hours,
            }
            for position, method in enumerate(methods)
        ]
        await self._connection.execute(insert(PAYMENT_METHOD), rows)
