"""A CSV file cut into lines without holding it: no line can swallow those behind it."""

import csv
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from collections import deque
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

from services.payment.domain.bills.errors import UnreadableFile

DELIMITERS: Final = (",", ";", "\t")
LINE_LENGTH_MAX: Final = 16_384
# A quoted field may go on over so many lines of the file; a quote that is open for longer is a
# mistake of the line it stands in.
FOLDED_LINES_MAX: Final = 10


@dataclass(frozen=True, slots=True)
class CsvLine:
    """`fields` is None where the line cannot be taken apart; `fault` then says why."""

    number: int
    fields: tuple[str, ...] | None
    fault: str = ""


def find_encoding(raw: bytes) -> str:
    """UTF-8 with or without its mark, else Windows-1258, as older Vietnamese programs write."""
    if raw.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) or b"\x00" in raw[:200]:
        raise UnreadableFile(
            "The file must be UTF-8 or Windows-1258.",
            vi="Tệp phải dùng bảng mã UTF-8 hoặc Windows-1258.",
        )
    if raw.startswith(BOM_UTF8):
        return "utf-8-sig"
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1258"
    return "utf-8"


def find_delimiter(raw: bytes, encoding: str) -> str:
    """The one that the header has most of: spreadsheets write what their country is used to."""
    head = raw[:LINE_LENGTH_MAX].replace(b"\r", b"\n").partition(b"\n")[0]
    text = head.decode(encoding, errors="replace")
    return max(DELIMITERS, key=text.count)


async def text_lines(parts: AsyncIterable[bytes], encoding: str) -> AsyncIterator[str]:
    """Lines in composed letters; what cannot be decoded becomes the mark for it."""
    decoder = getincrementaldecoder(encoding)(errors="replace")
    rest = ""
    async for part in parts:
        rest += decoder.decode(part)
        # A return at the very end may be half of a line's end.
        held = "\r" if rest.endswith("\r") else ""
        *whole, rest = _ends(rest.removesuffix(held)).split("\n")
        rest += held
        for line in whole:
            yield normalize("NFC", line)
    for line in _ends(rest + decoder.decode(b"", final=True)).split("\n"):
        yield normalize("NFC", line)


async def csv_lines(lines: AsyncIterable[str], delimiter: str) -> AsyncIterator[CsvLine]:
    """Each line taken apart; empty ones are passed over, and counted."""
    ahead: deque[tuple[int, str]] = deque()
    source = _Source(lines, ahead)
    while (line := await source.next()) is not None:
        number, text = line
        if not text.strip(delimiter + " \t"):
            continue
        if len(text) > LINE_LENGTH_MAX:
            yield CsvLine(number, None, "the line is too long")
            continue
        fields = _take_apart(text, delimiter)
        if isinstance(fields, str) and fields == _OPEN:
            fields = await _unfold(text, source, delimiter)
        if isinstance(fields, str):
            yield CsvLine(number, None, fields)
        else:
            yield CsvLine(number, fields)


class _Source:
    """Lines with their numbers; what was looked at in vain is put back."""

    def __init__(self, lines: AsyncIterable[str], ahead: deque[tuple[int, str]]) -> None:
        self._lines = aiter(lines)
        self._ahead = ahead
        self._number = 0

    async def next(self) -> tuple[int, str] | None:
        if self._ahead:
            return self._ahead.popleft()
        try:
            text = await anext(self._lines)
        except StopAsyncIteration:
            return None
        self._number += 1
        return self._number, text

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self._ahead.extendleft(reversed(lines))


_OPEN: Final = "a quote is not closed"


async def _unfold(text: str, source: _Source, delimiter: str) -> tuple[str, ...] | str:
    taken: list[tuple[int, str]] = []
    whole = text
    while len(taken) < FOLDED_LINES_MAX and len(whole) <= LINE_LENGTH_MAX:
        line = await source.next()
        if line is None:
            break
        taken.append(line)
        whole += "\n" + line[1]
        fields = _take_apart(whole, delimiter)
        if fields != _OPEN:
            if isinstance(fields, str):
                break
            return fields
    source.put_back(taken)
    return _OPEN


def _take_apart(text: str, delimiter: str) -> tuple[str, ...] | str:
    # The reader takes lines one by one; a field that goes on needs its line's end kept.
    reader = csv.reader(text.splitlines(keepends=True) or [""], delimiter=delimiter, strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        said = str(error)
        return _OPEN if "unexpected end of data" in said else f"it is no CSV: {said}"
    if len(rows) != 1:
        return "it holds a line's end outside of quotes"
    return tuple(rows[0])


def _ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
