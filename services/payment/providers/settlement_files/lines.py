"""Bytes into lines of text, a bounded piece at a time."""

import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from services.payment.domain.errors import UnreadableSettlementFile
from services.payment.domain.settlements.file import Encoding
from services.payment.domain.settlements.row import BadLine, BadLineReason

LINE_BYTES_MAX: Final = 8192
# Of a line that is too long, so much is kept to recognise it by.
KEPT_BYTES_MAX: Final = 512
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Line:
    number: int
    raw: bytes = field(repr=False)
    text: str = field(repr=False)


Lines = Iterable[Line | BadLine]


def decode_lines(chunks: Iterable[bytes], encoding: Encoding) -> Iterator[Line | BadLine]:
    """Every line with its number, counted from 1; empty ones are left out, but counted."""
    for number, raw in enumerate(_split(chunks), start=1):
        if number == 1:
            if raw.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
                raise UnreadableSettlementFile("the file is UTF-16; UTF-8 is read")
            raw = raw.removeprefix(BOM_UTF8)
        if len(raw) > LINE_BYTES_MAX:
            yield BadLine(line=number, reason=BadLineReason.TOO_LONG, raw=raw[:KEPT_BYTES_MAX])
            continue
        if not raw.strip():
            continue
        text = _decode(raw, encoding)
        if text is None or _CONTROL.search(text):
            yield BadLine(line=number, reason=BadLineReason.NOT_TEXT, raw=raw)
        else:
            yield Line(number, raw, text)


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends. Of a line beyond the limit, only its beginning is held."""
    held = b""
    skipping = False
    for chunk in chunks:
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            line, held = (held if skipping else held + piece), b""
            skipping = False
            yield line.rstrip(b"\r")
        if not skipping:
            held += rest
            skipping = len(held) > LINE_BYTES_MAX
            held = held[: LINE_BYTES_MAX + 1]
    if held:
        yield held.rstrip(b"\r")


def _decode(raw: bytes, encoding: Encoding) -> str | None:
    wanted = (Encoding.UTF_8, Encoding.WINDOWS_1258) if encoding is Encoding.AUTO else (encoding,)
    for one in wanted:
        try:
            # Windows-1258 writes tones as marks of their own; one spelling is kept.
            return unicodedata.normalize("NFC", raw.decode(one))
        except UnicodeDecodeError:
            continue
    return None
