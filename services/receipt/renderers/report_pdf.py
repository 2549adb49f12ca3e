"""Number books and day summaries as pages to be read, signed by hand and filed. What is signed for
programs is the book itself (`.jsonl`); the form of the summary is ours, for its model was not seen.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from chassis.typesetting import typeset
from services.receipt.domain.receipts.amount_in_words import amount_in_words
from services.receipt.domain.receipts.fee import CollectingBody, Kind
from services.receipt.domain.reports.errors import TooLongForPages
from services.receipt.domain.reports.number_book import NumberBook
from services.receipt.domain.reports.summary import Summary, SummaryState
from services.receipt.renderers.wording import KIND_NAMES, STANDING_NAMES, grouped, local, shown

TEMPLATE: Final = Path(__file__).with_name("report.typ")
# Some 180 pages and four seconds; a table of more is for a spreadsheet.
ROWS_MAX: Final = 5_000
# A long table is seconds of CPU.
AT_ONCE_MAX: Final = 1
Line = Mapping[str, Any]


class ReportPdf:
    media_type = "application/pdf"

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_ONCE_MAX)

    async def book(self, book: NumberBook, lines: Sequence[Line], body: CollectingBody) -> bytes:
        form_code, symbol = shown(book.series.form_code), shown(book.series.symbol)
        rows = [
            [
                str(one["number"]),
                _kind(one["kind"]),
                grouped(int(one["amount"])),
                _standing(one["standing"]),
                _time(one["numbered_at"]),
                one["xml_sha256"],
            ]
            for one in lines
        ]
        data = {
            "title": "Sổ biên lai điện tử",
            "form": "",
            "subtitles": [
                f"Ngày {_day(book.day)} · Mẫu số {form_code} · Ký hiệu {symbol}",
                f"Từ số {book.first} đến số {book.last}",
            ],
            "running": f"Sổ biên lai {symbol} ngày {_day(book.day)}",
            "flipped": True,
            "columns": [
                _column("Số biên lai", "22mm", "right"),
                _column("Loại", "20mm"),
                _column("Số tiền (đồng)", "32mm", "right"),
                _column("Tình trạng", "42mm"),
                _column("Thời điểm lập", "38mm", "center"),
                _column("Mã băm SHA-256 của bản gốc XML", size=6.8),
            ],
            "rows": rows,
            "sum": ["Cộng", "", grouped(book.amount), "", "", ""],
            "totals": [
                ["Tổng số biên lai:", grouped(book.count)],
                *_money(book.amount),
                ["Mã băm của sổ:", book.sha256],
                ["Mã băm của sổ trước:", book.previous_sha256 or "(sổ đầu tiên của ký hiệu)"],
            ],
            "note": f"Lập lúc {_spoken(book.drawn_up_at)}. Bản in để tra cứu; sổ có chữ ký số là "
            "tệp .jsonl, kiểm chứng bằng lephi verify.",
        }
        return await self._set(data, body, book.drawn_up_at)

    async def summary(
        self, summary: Summary, documents: Sequence[Line], body: CollectingBody
    ) -> bytes:
        rows = [
            [
                str(place),
                shown(one["form_code"]),
                shown(one["symbol"]),
                shown(one["printed_number"]),
                _time(one["numbered_at"]),
                _kind(one["kind"]),
                grouped(int(one["amount"])),
                _standing(one["standing"]),
            ]
            for place, one in enumerate(documents, start=1)
        ]
        data = {
            "title": "Bảng tổng hợp dữ liệu biên lai điện tử",
            "form": "01/TH-BLĐT",
            "subtitles": [f"Kỳ dữ liệu: ngày {_day(summary.day)}", _which(summary)],
            "running": f"01/TH-BLĐT ngày {_day(summary.day)}, bản {summary.version}",
            "flipped": False,
            "columns": [
                _column("STT", "11mm", "right"),
                _column("Mẫu số", "24mm", "center"),
                _column("Ký hiệu", "19mm", "center"),
                _column("Số biên lai", "22mm", "center"),
                _column("Thời điểm lập", "35mm", "center", size=7.6),
                _column("Loại", "15mm"),
                _column("Số tiền (đồng)", "27mm", "right"),
                _column("Tình trạng"),
            ],
            "rows": rows,
            "sum": ["", "Cộng", "", "", "", "", grouped(summary.amount), ""],
            "totals": [["Tổng số biên lai:", grouped(summary.documents)], *_money(summary.amount)],
            "note": f"Lập lúc {_spoken(summary.drawn_up_at)}. Trình bày theo cách hiểu của hệ "
            "thống; việc lập bảng này không gửi dữ liệu đi đâu.",
        }
        return await self._set(data, body, summary.drawn_up_at)

    async def _set(self, data: dict[str, Any], body: CollectingBody, at: datetime) -> bytes:
        if len(data["rows"]) > ROWS_MAX:
            raise TooLongForPages(ROWS_MAX)
        day = local(at).date()
        whole = {
            **data,
            "date": {"year": day.year, "month": day.month, "day": day.day},
            "place_and_day": f"Ngày {day.day:02d} tháng {day.month:02d} năm {day.year}",
            "body": {
                "name": shown(body.name),
                "tax_code": shown(body.tax_code),
                "agency_code": shown(body.agency_code),
                "address": shown(body.address),
            },
        }
        async with self._turn:
            return await asyncio.to_thread(typeset, TEMPLATE, whole, standards=["a-2b"])


def _column(
    name: str, width: str = "", align: str = "left", *, size: float = 8.0
) -> dict[str, str | float]:
    return {"name": name, "width": width, "align": align, "size": size}


def _money(amount: int) -> list[list[str]]:
    return [
        ["Tổng số tiền:", f"{grouped(amount)} đồng"],
        ["Bằng chữ:", amount_in_words(amount)],
    ]


def _which(summary: Summary) -> str:
    if summary.state is SummaryState.OPEN:
        return f"Bản {summary.version}, lập khi ngày chưa kết thúc"
    if summary.state is SummaryState.SUPPLEMENTED:
        return f"Bản {summary.version}, bổ sung"
    return f"Bản {summary.version}, lần đầu"


def _kind(kind: str) -> str:
    return KIND_NAMES[Kind(kind)] if kind in set(Kind) else shown(kind)


def _standing(standing: str) -> str:
    return STANDING_NAMES.get(standing, shown(standing))


def _time(text: str) -> str:
    return f"{local(datetime.fromisoformat(text)):%d/%m/%Y %H:%M:%S}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _spoken(instant: datetime) -> str:
    return f"{local(instant):%H:%M:%S ngày %d/%m/%Y}"
