"""The results of a batch as a file, written while it is read from storage."""

import csv
from collections.abc import AsyncIterable, AsyncIterator
from io import StringIO
from typing import Final

from services.payment.api.bills.batch_schemas import link_of
from services.payment.domain.bills.batch import BatchLine

COLUMNS: Final = (
    "line",
    "reference",
    "result",
    "payment_intent_id",
    "bill_reference",
    "qr_payload",
    "link",
    "code",
    "detail",
)
# Spreadsheets take a file for UTF-8 only when it says so.
MARK: Final = "\ufeff"
ROWS_AT_ONCE: Final = 500


async def results_csv(
    lines: AsyncIterable[BatchLine], *, public_origin: str
) -> AsyncIterator[bytes]:
    written = StringIO()
    rows = csv.writer(written)
    written.write(MARK)
    rows.writerow(COLUMNS)
    count = 0
    async for line in lines:
        rows.writerow(_row(line, public_origin))
        count += 1
        if count % ROWS_AT_ONCE == 0:
            yield _take(written)
    yield _take(written)


def _take(written: StringIO) -> bytes:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text.encode()


def _row(line: BatchLine, public_origin: str) -> tuple[object, ...]:
    refusal = line.refusal
    return (
        line.number,
        line.reference,
        line.result.value,
        line.payment_intent_id,
        line.bill_reference,
        line.qr_payload,
        link_of(line.payment_intent_id, public_origin),
        refusal.code if refusal else None,
        refusal.detail_vi if refusal else None,
    )
