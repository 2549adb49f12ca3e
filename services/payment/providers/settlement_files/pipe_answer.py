"""The answer to a pipe file (type 2): each line again, with what we make of it, in Base64."""

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from typing import Final

from services.payment.domain.settlements.row import RowState, StoredRow
from services.payment.providers.settlement_files.pipe import HEADER

RESULT: Final = "KetQua"
DIFFERS: Final = "04"
RESULTS: Final[Mapping[RowState, str]] = {
    RowState.MATCHED: "00",
    RowState.UNMATCHED: "01",
    RowState.DUPLICATE: "02",
    RowState.SUPERSEDED: "03",
    RowState.NEW: "99",
}
STATUSES: Final = {"succeeded": "00", "pending": "01", "failed": "02"}
MOVEMENTS: Final = {"payment": "TT", "refund": "HT"}
# Base64 is written by groups of three bytes, so that the parts can be joined.
PART_BYTES: Final = 3 * 16384


async def write_answer(rows: AsyncIterator[StoredRow]) -> AsyncIterator[bytes]:
    held = bytearray("|".join((*HEADER, RESULT)).encode() + b"\n")
    async for row in rows:
        held += _line(row)
        while len(held) >= PART_BYTES:
            yield b64encode(bytes(held[:PART_BYTES]))
            del held[:PART_BYTES]
    yield b64encode(bytes(held))


def _line(stored: StoredRow) -> bytes:
    row = stored.row
    result = RESULTS[stored.state]
    if stored.state is RowState.MATCHED and stored.open_case is not None:
        result = DIFFERS
    fields = (
        str(row.line),
        row.provider_reference,
        row.order_reference or "",
        row.bill_reference or "",
        str(row.amount.minor_units),
        row.amount.currency,
        "" if row.fee is None else str(row.fee),
        row.moved_at.isoformat(),
        STATUSES[row.status],
        MOVEMENTS[row.movement],
        result,
    )
    return "|".join(fields).encode() + b"\n"
