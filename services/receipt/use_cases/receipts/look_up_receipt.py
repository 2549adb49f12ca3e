"""The public's way to a receipt: whoever holds the paper holds the code."""

from dataclasses import dataclass

from chassis.money import Money
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.ports.receipts import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedNumber:
    """What stands on the paper beside the code; leading zeros do not matter."""

    form_code: str
    symbol: str
    number: int


async def look_up_receipt(
    lookup_code: str,
    *,
    printed: PrintedNumber | None = None,
    amount: Money | None = None,
    archive: Archive,
) -> Receipt:
    """One refusal for every miss, after one and the same query, so that nobody learns which part
    of a guess was right. A receipt that is still being signed is found as such."""
    receipt = await archive.find_by_lookup_code(lookup_code)
    if receipt is None:
        raise ReceiptNotFound
    number = receipt.number
    stands = PrintedNumber(
        form_code=number.series.form_code, symbol=number.series.symbol, number=number.number
    )
    if printed not in (None, stands) or amount not in (None, receipt.amount):
        raise ReceiptNotFound
    return receipt
