"""VNPAY's list of transactions: CSV under VNPAY's own names; amounts are in hundredths."""

from collections.abc import Iterator, Mapping
from typing import Final

from services.payment.domain.settlements.row import BadLine, BadLineReason
from services.payment.providers.settlement_files.generic_csv import read_table
from services.payment.providers.settlement_files.lines import Lines
from services.payment.providers.settlement_files.said import Said

COLUMNS: Final[Mapping[str, str]] = {
    "vnp_transactionno": "provider_reference",
    "vnp_txnref": "order_reference",
    "vnp_orderinfo": "memo",
    "vnp_amount": "amount",
    "vnp_fee": "fee",
    "vnp_paydate": "moved_at",
    "vnp_transactiontype": "movement",
    "vnp_transactionstatus": "status",
}
NEEDED: Final = frozenset({"provider_reference", "amount", "moved_at", "status"})
# 02 gives the whole back and 03 a part.
MOVEMENTS: Final = {"": "payment", "01": "payment", "02": "refund", "03": "refund"}
# 05 and 06: a refund on its way; 04 was taken from the payer and has not come to us.
STATUSES: Final = {"00": "succeeded", "01": "pending", "04": "pending", "05": "pending"} | {
    "06": "pending",
    "02": "failed",
    "07": "pending",
    "09": "failed",
}


def read_vnpay(lines: Lines) -> Iterator[Said | BadLine]:
    for said in read_table(lines, COLUMNS, NEEDED):
        yield said if isinstance(said, BadLine) else _translate(said)


def _translate(said: Said) -> Said | BadLine:
    texts = dict(said.texts)
    for name, reason in (("amount", BadLineReason.BAD_AMOUNT), ("fee", BadLineReason.BAD_FEE)):
        given = texts.get(name, "").strip()
        if name == "fee" and not given:
            continue
        if not given.isascii() or not given.isdigit() or not given.endswith("00"):
            return BadLine(line=said.line, reason=reason, raw=said.raw)
        texts[name] = given[:-2] or "0"
    texts["movement"] = MOVEMENTS.get(texts.get("movement", "").strip(), "?")
    texts["status"] = STATUSES.get(texts["status"].strip(), "?")
    return Said(said.line, said.raw, texts)
