"""The public's way to a receipt: whoever holds the paper holds the code."""

from dataclasses import dataclass

from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.receipts.receipt import Receipt, Status
from services.receipt.ports.receipts import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNumber:
    """What stands on the paper beside the code; leading zeros do not matter."""

    form_code: str
    symbol: str
    number: int


async def look_up_receipt(
    lookup_code: str, *, printed: PrintedNumber | None = None, archive: Archive
) -> Receipt:
    """One refusal for every miss, so that nobody learns which part of a guess was right."""
    receipt = await archive.find_by_lookup_code(lookup_code)
    if receipt is None or receipt.status is not Status.ISSUED:
        raise ReceiptNotFound
    number = receipt.number
    stands = PrintedNumber(
        form_code=number.series.form_code, symbol=number.series.symbol, number=number.number
    )
    if printed is not None and printed != stands:
        raise ReceiptNotFound
    return receipt
