"""Payment intents as a file for accountants, written while it is read from storage."""

import csv
from collections.abc import AsyncIterable, AsyncIterator
from io import StringIO
from typing import Annotated, Final

from fastapi import APIRouter, Query, status
from fastapi.responses import StreamingResponse

from services.payment.api.dependencies import Cursor, ToolsDep
from services.payment.api.intents.filters import WantedDep
from services.payment.domain.intents.payment_intent import PaymentIntent
from services.payment.use_cases.intents.list_payment_intents import each_payment_intent

router = APIRouter(prefix="/v1/payment-intents.csv", tags=["payment-intents"])

EXPORT_MAX: Final = 100_000
CSV: Final = "text/csv"
# Spreadsheets take a file for UTF-8 only when it says so.
MARK: Final = "\ufeff"
ROWS_AT_ONCE: Final = 500
COLUMNS: Final = (
    "id",
    "source",
    "reference",
    "dossier_code",
    "agency_code",
    "client_id",
    "amount",
    "currency",
    "status",
    "bill_reference",
    "created_at",
    "expires_at",
    "provider",
    "provider_reference",
    "paid_at",
)


@router.get(
    "",
    response_class=StreamingResponse,
    responses={status.HTTP_200_OK: {"content": {CSV: {}}}},
)
async def get_payment_intents_csv(
    wanted: WantedDep,
    tools: ToolsDep,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=EXPORT_MAX)] = EXPORT_MAX,
) -> StreamingResponse:
    """As the list, up to 100 000 of them; `cursor` is the id of the last row of the file before."""
    intents = each_payment_intent(
        wanted, before=cursor, limit=limit, open_reading=tools.open_reading
    )
    headers = {"Content-Disposition": 'attachment; filename="khoan-thu.csv"'}
    return StreamingResponse(_rows(intents), media_type=CSV, headers=headers)


async def _rows(intents: AsyncIterable[PaymentIntent]) -> AsyncIterator[bytes]:
    written = StringIO()
    rows = csv.writer(written)
    written.write(MARK)
    rows.writerow(COLUMNS)
    count = 0
    async for intent in intents:
        rows.writerow(_row(intent))
        count += 1
        if count % ROWS_AT_ONCE == 0:
            yield _take(written)
    yield _take(written)


def _take(written: StringIO) -> bytes:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text.encode()


def _row(intent: PaymentIntent) -> tuple[object, ...]:
    payment = intent.payment
    return (
        intent.id,
        intent.source.value,
        intent.reference,
        intent.dossier_code,
        intent.agency_code,
        intent.client_id,
        intent.amount.minor_units,
        intent.amount.currency,
        intent.status.value,
        intent.bill_reference,
        intent.created_at.isoformat(),
        intent.expires_at.isoformat(),
        payment.provider if payment else None,
        payment.provider_reference if payment else None,
        payment.paid_at.isoformat() if payment else None,
    )
