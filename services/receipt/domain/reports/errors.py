"""Why a report is not drawn up."""

from datetime import date

from chassis.errors import Conflict, Invalid, NotFound


class BookRefused(Conflict):
    """Nothing is signed that could not be proved: people must look at it first."""

    code = "number_book_refused"

    def __init__(self, series: str, why: str) -> None:
        super().__init__(
            f"The number book of {series} is not drawn up: {why}.",
            vi=f"Không lập được sổ biên lai ký hiệu {series}: dữ liệu chưa liên tục hoặc chưa đủ.",
        )
        self.why = why


class DayIsNotOver(Conflict):
    code = "day_is_not_over"

    def __init__(self, day: date) -> None:
        super().__init__(
            f"{day} is not over yet, or not for long enough.",
            vi=f"Ngày {day} chưa kết thúc nên chưa chốt được.",
        )


class PeriodNotReadable(Invalid):
    code = "period_not_readable"

    def __init__(self) -> None:
        super().__init__(
            "A period is a month (2026-11) or a quarter (2026-Q4).",
            vi="Kỳ báo cáo là tháng (2026-11) hoặc quý (2026-Q4).",
            field="period",
        )


class RangeTooLong(Invalid):
    code = "range_too_long"

    def __init__(self, days: int) -> None:
        super().__init__(
            f"The days asked for must be in order and {days} at most.",
            vi=f"Khoảng ngày phải đúng thứ tự và không quá {days} ngày.",
            field="to",
        )


class ReportNotFound(NotFound):
    code = "report_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such report.", vi="Không tìm thấy báo cáo.")


class TooManyReceipts(Invalid):
    code = "too_many_receipts"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"One download holds {most} receipts at most; ask for fewer days.",
            vi=f"Mỗi lần tải tối đa {most} biên lai; hãy chọn ít ngày hơn.",
            field="to",
        )


class DownloadNotReady(Conflict):
    code = "download_not_ready"

    def __init__(self) -> None:
        super().__init__(
            "The download is being prepared; ask again in a moment.",
            vi="Gói tải về đang được chuẩn bị; vui lòng thử lại sau giây lát.",
        )


class DownloadHasNoPages(Conflict):
    code = "download_has_no_pages"

    def __init__(self) -> None:
        super().__init__(
            "This download was asked for without its pages; ask for one with them.",
            vi="Gói tải về này không gồm bản PDF; hãy yêu cầu gói có bản PDF để in.",
        )


class TooLongForPages(Conflict):
    code = "report_too_long_for_pages"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"A report of more than {most} lines is not set as pages; take the table.",
            vi=f"Báo cáo quá {most} dòng nên không lập bản in; hãy tải dạng bảng tính.",
        )
