"""One JSON object a line, under our own names; also one array with a line for each object."""

from collections.abc import Iterator
from typing import Final

from chassis.canonical import load_json
from chassis.errors import Malformed
from services.payment.domain.settlements.row import BadLine, BadLineReason
from services.payment.providers.settlement_files.lines import Line, Lines
from services.payment.providers.settlement_files.said import Said

NAMES: Final = frozenset(
    {
        "provider_reference",
        "order_reference",
        "bill_reference",
        "memo",
        "amount",
        "currency",
        "fee",
        "status",
        "movement",
        "moved_at",
    }
)


def read_json_lines(lines: Lines) -> Iterator[Said | BadLine]:
    for line in lines:
        if isinstance(line, BadLine):
            yield line
        elif line.text.strip() not in ("[", "]"):
            yield _said(line)


def _said(line: Line) -> Said | BadLine:
    try:
        value = load_json(line.text.strip().removesuffix(",").encode())
    except Malformed:
        return BadLine(line=line.number, reason=BadLineReason.NOT_JSON, raw=line.raw)
    if not isinstance(value, dict):
        return BadLine(line=line.number, reason=BadLineReason.NOT_JSON, raw=line.raw)
    texts: dict[str, str] = {}
    for name in NAMES & value.keys():
        given = value[name]
        if given is None:
            continue
        if isinstance(given, bool) or not isinstance(given, str | int):
            return BadLine(line=line.number, reason=BadLineReason.WRONG_FIELDS, raw=line.raw)
        texts[name] = str(given)
    return Said(line.number, line.raw, texts)
