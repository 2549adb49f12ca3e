"""CSV with a header line; the names of its columns are ours, or words that mean the same."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from services.payment.domain.errors import UnreadableSettlementFile
from services.payment.domain.settlements.row import BadLine, BadLineReason
from services.payment.providers.settlement_files.lines import Line, Lines
from services.payment.providers.settlement_files.said import Said

COLUMNS: Final[Mapping[str, str]] = {
    "provider_reference": "provider_reference",
    "transaction_id": "provider_reference",
    "reference": "provider_reference",
    "order_reference": "order_reference",
    "order_id": "order_reference",
    "bill_reference": "bill_reference",
    "bill_number": "bill_reference",
    "memo": "memo",
    "description": "memo",
    "amount": "amount",
    "currency": "currency",
    "fee": "fee",
    "status": "status",
    "type": "movement",
    "movement": "movement",
    "moved_at": "moved_at",
    "paid_at": "moved_at",
    "time": "moved_at",
}
NEEDED: Final = frozenset({"provider_reference", "amount", "moved_at"})
DELIMITERS: Final = (",", ";", "\t")


def read_csv(lines: Lines) -> Iterator[Said | BadLine]:
    return read_table(lines, COLUMNS, NEEDED)


def read_table(
    lines: Lines, columns: Mapping[str, str], needed: frozenset[str]
) -> Iterator[Said | BadLine]:
    """One line is one record: a quoted field may not run over the end of its line."""
    names: Sequence[str | None] | None = None
    delimiter = ","
    for line in lines:
        if isinstance(line, BadLine):
            if names is None:
                raise UnreadableSettlementFile("the header line cannot be read")
            yield line
            continue
        if names is None:
            delimiter = max(DELIMITERS, key=line.text.count)
            names = _header(line, delimiter, columns, needed)
            continue
        fields = split_fields(line.text, delimiter)
        if fields is None or len(fields) != len(names):
            yield BadLine(line=line.number, reason=BadLineReason.WRONG_FIELDS, raw=line.raw)
            continue
        texts = {name: text for name, text in zip(names, fields, strict=True) if name}
        yield Said(line.number, line.raw, texts)
    if names is None:
        raise UnreadableSettlementFile("there is no header line")


def split_fields(text: str, delimiter: str) -> list[str] | None:
    try:
        records = list(csv.reader([text], delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return records[0] if len(records) == 1 else None


def _header(
    line: Line, delimiter: str, columns: Mapping[str, str], needed: frozenset[str]
) -> Sequence[str | None]:
    fields = split_fields(line.text, delimiter) or []
    names = [columns.get(field.strip().lower()) for field in fields]
    known = [name for name in names if name]
    if not needed <= set(known) or len(known) != len(set(known)):
        raise UnreadableSettlementFile(
            f"the header must name {', '.join(sorted(needed))}, each once"
        )
    return names
