from datetime import time
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.payment.domain.methods.published import (
    Brand,
    MethodSet,
    Opening,
    Place,
    PublishedMethod,
)
from services.payment.storage.methods.tables import PUBLISHED_METHODS

_NAME: Final = "current"
_FIND: Final = select(PUBLISHED_METHODS).where(PUBLISHED_METHODS.c.name == _NAME)


class SqlPublishedMethods:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def find(self) -> MethodSet | None:
        row = (await self._connection.execute(_FIND)).one_or_none()
        if row is None:
            return None
        return MethodSet(
            published_at=row.published_at, methods=tuple(_to_method(one) for one in row.methods)
        )

    async def keep_newest(self, published: MethodSet) -> None:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        statement = insert(PUBLISHED_METHODS).values(
            name=_NAME,
            published_at=published.published_at,
            methods=[_to_document(one) for one in published.methods],
        )
        given = statement.excluded
        newest = statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"published_at": given.published_at, "methods": given.methods},
            where=PUBLISHED_METHODS.c.published_at < given.published_at,
        )
        await self._connection.execute(newest)


def _to_document(method: PublishedMethod) -> dict[str, Any]:
    return {
        "code": method.code,
        "name_vi": method.name_vi,
        "name_en": method.name_en,
        "explanation_vi": method.explanation_vi,
        "explanation_en": method.explanation_en,
        "fee_bearer": method.fee_bearer,
        "hours": method.hours,
        "limit": _write_money(method.limit),
        "minimum": _write_money(method.minimum),
        "openings": [
            {
                "days": list(one.days),
                "opens": one.opens.isoformat(),
                "closes": one.closes.isoformat(),
            }
            for one in method.openings
        ],
        "places": list(method.places),
        "brands": [{"code": one.code, "name": one.name, "bin": one.bin} for one in method.brands],
        "illustrative": method.illustrative,
    }


def _to_method(document: dict[str, Any]) -> PublishedMethod:
    return PublishedMethod(
        code=document["code"],
        name_vi=document["name_vi"],
        name_en=document["name_en"],
        explanation_vi=document["explanation_vi"],
        explanation_en=document["explanation_en"],
        fee_bearer=document["fee_bearer"],
        hours=document["hours"],
        limit=_read_money(document["limit"]),
        minimum=_read_money(document["minimum"]),
        openings=tuple(
            Opening(
                days=tuple(one["days"]),
                opens=time.fromisoformat(one["opens"]),
                closes=time.fromisoformat(one["closes"]),
            )
            for one in document["openings"]
        ),
        places=tuple(Place(one) for one in document["places"]),
        brands=tuple(Brand(**one) for one in document["brands"]),
        illustrative=document["illustrative"],
    )


def _write_money(money: Money | None) -> dict[str, Any] | None:
    return None if money is None else {"minor_units": money.minor_units, "currency": money.currency}


def _read_money(document: dict[str, Any] | None) -> Money | None:
    return None if document is None else Money(**document)
