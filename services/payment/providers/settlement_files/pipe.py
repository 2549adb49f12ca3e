"""The national platform's type 1: lines of fields between pipes, the whole of it in Base64.

A header line names the fields; a last line `TONG|lines|sum` is checked when there is one. The shape
alone is public: names and codes here are ours until the operator of the platform gives its own.
"""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from services.payment.domain.errors import UnreadableSettlementFile
from services.payment.domain.settlements.row import BadLine, BadLineReason
from services.payment.providers.settlement_files.lines import Line, Lines
from services.payment.providers.settlement_files.said import Said

HEADER: Final = (
    "STT",
    "MaGiaoDich",
    "MaThamChieu",
    "MaHoaDon",
    "SoTien",
    "LoaiTien",
    "PhiDichVu",
    "ThoiGian",
    "TrangThai",
    "LoaiGiaoDich",
)
NAMES: Final = {
    "magiaodich": "provider_reference",
    "mathamchieu": "order_reference",
    "mahoadon": "bill_reference",
    "sotien": "amount",
    "loaitien": "currency",
    "phidichvu": "fee",
    "thoigian": "moved_at",
    "trangthai": "status",
    "loaigiaodich": "movement",
}
NEEDED: Final = frozenset({"provider_reference", "amount", "moved_at"})
TOTAL: Final = "TONG"
_SPACE: Final = re.compile(rb"\s+")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/]*={0,2}")


def base64_or_plain(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Base64 is taken off, a piece at a time; a file with a pipe in its beginning has none."""
    pieces = iter(chunks)
    first = next(pieces, b"")
    if b"|" in first[:4096]:
        yield first
        yield from pieces
        return
    held = b""
    ended = False
    for piece in chain((first,), pieces):
        held += _SPACE.sub(b"", piece.removeprefix(b"\xef\xbb\xbf"))
        whole = len(held) - len(held) % 4
        if whole:
            if ended:
                raise UnreadableSettlementFile("there is more behind the end of the Base64")
            ended = held[:whole].endswith(b"=")
            yield _decoded(held[:whole])
            held = held[whole:]
    if held:
        raise UnreadableSettlementFile("the Base64 ends in the middle")


def _decoded(piece: bytes) -> bytes:
    if not _BASE64.fullmatch(piece):
        raise UnreadableSettlementFile("it is neither Base64 nor fields between pipes")
    try:
        return b64decode(piece, validate=True)
    except Error:
        raise UnreadableSettlementFile("the Base64 is damaged") from None


def read_pipe(lines: Lines) -> Iterator[Said | BadLine]:
    names: list[str | None] | None = None
    count, total = 0, 0
    for line in lines:
        if isinstance(line, BadLine):
            count += 1
            yield line
            continue
        fields = [field.strip() for field in line.text.rstrip().split("|")]
        if names is None:
            names = _header(fields)
            continue
        if fields[0] == TOTAL:
            if fields[1:] != [str(count), str(total)]:
                yield BadLine(line=line.number, reason=BadLineReason.WRONG_TOTAL, raw=line.raw)
            continue
        count += 1
        said = _said(line, fields, names)
        if isinstance(said, Said):
            amount = said.texts.get("amount", "")
            total += int(amount) if amount.isascii() and amount.isdigit() else 0
        yield said
    if names is None:
        raise UnreadableSettlementFile("there is no header line")


def _said(line: Line, fields: list[str], names: list[str | None]) -> Said | BadLine:
    if len(fields) != len(names):
        return BadLine(line=line.number, reason=BadLineReason.WRONG_FIELDS, raw=line.raw)
    texts = {name: text for name, text in zip(names, fields, strict=True) if name}
    return Said(line.number, line.raw, texts)


def _header(fields: list[str]) -> list[str | None]:
    names = [NAMES.get(field.lower()) for field in fields]
    known = [name for name in names if name]
    if not set(known) >= NEEDED or len(known) != len(set(known)):
        raise UnreadableSettlementFile(f"the header must be {'|'.join(HEADER)}")
    return names
