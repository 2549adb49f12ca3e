"""Why a series, its registration or a delegation is refused."""

from datetime import date

from chassis.errors import Conflict, Invalid, NotFound, Unavailable


class SymbolNotAllowed(Invalid):
    code = "symbol_not_allowed"

    def __init__(self, letters: str, *, alphabet: str) -> None:
        super().__init__(
            f"{letters!r} cannot be the letters of a symbol: two of {' '.join(alphabet)}.",
            vi=f"Ký hiệu biên lai gồm hai chữ cái trong các chữ: {' '.join(alphabet)}.",
        )


class FormNotAllowed(Invalid):
    code = "form_not_allowed"

    def __init__(self, form_code: str) -> None:
        super().__init__(
            f"{form_code!r} is no form of an electronic receipt, such as 01BLP0-001.",
            vi="Ký hiệu mẫu không đúng dạng của biên lai điện tử, ví dụ 01BLP0-001.",
        )


class FaceValueMismatch(Invalid):
    code = "face_value_mismatch"

    def __init__(self) -> None:
        super().__init__(
            "Forms 02… have a printed face value, forms 01… have none.",
            vi="Biên lai mẫu 02 phải có mệnh giá in sẵn; mẫu 01 thì không.",
        )


class YearNotAllowed(Invalid):
    code = "year_not_allowed"

    def __init__(self, year: int) -> None:
        super().__init__(
            f"A series can be planned for this year or the next, not for {year}.",
            vi="Chỉ lập ký hiệu cho năm nay hoặc năm sau.",
        )


class SeriesExists(Conflict):
    code = "receipt_series_exists"

    def __init__(self, symbol: str) -> None:
        super().__init__(
            f"The agency has series {symbol} of this form already.",
            vi=f"Cơ quan đã có ký hiệu {symbol} của mẫu này.",
        )


class SeriesNotFound(NotFound):
    code = "receipt_series_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such series.", vi="Không tìm thấy ký hiệu biên lai.")


class SeriesNotRegistered(Conflict):
    code = "receipt_series_not_registered"

    def __init__(self, agency_code: str, form_code: str) -> None:
        super().__init__(
            f"No accepted registration of agency {agency_code} covers form {form_code}.",
            vi=f"Cơ quan {agency_code} chưa có tờ khai được chấp nhận cho mẫu {form_code}.",
        )


class AnotherSeriesIsOpen(Conflict):
    code = "another_series_is_open"

    def __init__(self, symbol: str) -> None:
        super().__init__(
            f"Numbers are drawn from series {symbol}; close it first.",
            vi=f"Ký hiệu {symbol} đang được sử dụng; hãy đóng trước.",
        )


class SeriesNotOfThisYear(Conflict):
    code = "receipt_series_not_of_this_year"

    def __init__(self, symbol: str) -> None:
        super().__init__(
            f"Series {symbol} is of another year.", vi=f"Ký hiệu {symbol} thuộc năm khác."
        )


class IllegalSeriesTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, symbol: str, *, current: str, wanted: str) -> None:
        super().__init__(f"Series {symbol} is {current} and cannot become {wanted}.")


class SeriesNotWhole(Conflict):
    """Numbers are missing, or their receipts have no signature yet."""

    code = "receipt_series_not_whole"

    def __init__(self, symbol: str, *, missing: int, unsigned: int) -> None:
        super().__init__(
            f"Series {symbol} misses {missing} receipts and {unsigned} wait for a signature.",
            vi=f"Ký hiệu {symbol} còn thiếu {missing} số và {unsigned} biên lai chưa ký.",
        )


class NoOpenSeries(Unavailable):
    """The payment waits; its receipt is numbered as soon as somebody opens a series."""

    code = "no_open_receipt_series"

    def __init__(self, agency_code: str, year: int) -> None:
        super().__init__(
            f"Agency {agency_code} has no open series of {year} to number receipts from.",
            vi=f"Cơ quan {agency_code} chưa có ký hiệu biên lai năm {year} đang sử dụng.",
        )


class RegistrationNotFound(NotFound):
    code = "series_registration_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such registration.", vi="Không tìm thấy tờ khai.")


class IllegalRegistrationTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, *, current: str, wanted: str) -> None:
        super().__init__(
            f"The registration is {current} and cannot become {wanted}.",
            vi="Trạng thái của tờ khai không cho phép việc này.",
        )


class AgencyNotKnown(NotFound):
    code = "agency_not_known"

    def __init__(self, agency_code: str) -> None:
        super().__init__(
            f"Nothing is published here about agency {agency_code}.",
            vi=f"Chưa có thông tin về cơ quan thu {agency_code}.",
        )


class DelegationNotFound(NotFound):
    code = "issue_delegation_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such delegation.", vi="Không tìm thấy ủy nhiệm.")


class DelegationTooSoon(Invalid):
    code = "delegation_too_soon"

    def __init__(self, earliest: date) -> None:
        super().__init__(
            f"The tax office has to be told three days before: from {earliest} at the earliest.",
            vi=f"Phải báo cơ quan thuế trước ít nhất 3 ngày; sớm nhất từ ngày {earliest}.",
        )


class DelegationOverlaps(Conflict):
    code = "delegation_overlaps"

    def __init__(self) -> None:
        super().__init__(
            "The agency has a delegation on some of these days already.",
            vi="Cơ quan đã có ủy nhiệm trong khoảng thời gian này.",
        )
