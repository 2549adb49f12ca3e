"""Reports as XML. The usage report has the names of form BC26/BLĐT as they are known; the schema
of form 01/TH-BLĐT is not public, so its names are our mapping, in the tag style of the authority.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from chassis.tables.table import Cell, Rows
from services.receipt.domain.reports.summary import Summary, SummaryState
from services.receipt.domain.reports.usage import SeriesUsage
from services.receipt.renderers.canonical_xml import attribute, element, text_of
from services.receipt.renderers.wording import clean

DECLARATION: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
OURS: Final = "urn:lephi:bao-cao:1"
VERSION: Final = "1.0.0"
PART_BYTES: Final = 65536


class XmlTable:
    """A list of rows, written as it is read; each column's name is its tag."""

    media_type = "application/xml"

    async def write(self, columns: Sequence[str], rows: Rows) -> AsyncIterator[bytes]:
        part = bytearray(f"{DECLARATION}<DSBLai{attribute('xmlns', OURS)}>".encode())
        async for row in rows:
            fields = zip(columns, row, strict=True)
            part += element("BLai", *(_field(tag, cell) for tag, cell in fields)).encode()
            if len(part) >= PART_BYTES:
                yield bytes(part)
                part.clear()
        yield bytes(part + b"</DSBLai>\n")


class ReportXml:
    media_type = "application/xml"

    def summary(self, summary: Summary, documents: Sequence[dict[str, Any]]) -> bytes:
        general = element(
            "TTChung",
            _field("PBan", VERSION),
            _field("MSo", "01/TH-BLĐT"),
            _field("MDVThu", summary.agency_code),
            _field("KDLieu", summary.day.isoformat()),
            _field("LDau", int(summary.state is not SummaryState.SUPPLEMENTED)),
            _field("SBTHop", summary.version),
            _field("NLap", summary.drawn_up_at.isoformat()),
            _field("SLuong", summary.documents),
            _field("TgTien", summary.amount),
        )
        rows = (
            element(
                "DLieu",
                _field("STT", place),
                _field("KHMSCTu", one["form_code"]),
                _field("KHCTu", one["symbol"]),
                _field("SCTu", one["number"]),
                _field("NLap", one["numbered_at"]),
                _field("LPhi", one["kind"]),
                _field("TgTien", one["amount"]),
                _field("TThai", one["standing"]),
            )
            for place, one in enumerate(documents, start=1)
        )
        content = element("NDBTHDLieu", element("DSDLieu", *rows))
        whole = element("DLBTHop", general, content)
        return (DECLARATION + element("BTHDLieu", whole, head=attribute("xmlns", OURS))).encode()

    def usage(self, rows: Sequence[SeriesUsage]) -> bytes:
        lines = (
            element(
                "DLieu",
                # 1: no amount printed on the form; 2: a form of one amount.
                _field("TLoai", 2 if one.series.form_code.startswith("02") else 1),
                _field("KHMCTu", one.series.form_code),
                _field("KHCTu", one.series.symbol),
                _field("SLuong", one.count),
                _field("TgTien", one.amount),
            )
            for one in rows
        )
        content = element("NDBCTHSDBLai", *lines)
        return (DECLARATION + element("BCTHSDBLai", element("DLBCTHSDBLai", content))).encode()


def _field(tag: str, value: Cell) -> str:
    return element(tag, text_of(clean(str(value if value is not None else ""))))
