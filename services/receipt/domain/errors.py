"""Why the receipt house refuses."""

from datetime import date
from uuid import UUID

from chassis.errors import Conflict, Invalid, NotFound, Unavailable


class UnreadableAmount(Invalid):
    code = "unreadable_amount"

    def __init__(self, amount: object) -> None:
        super().__init__(
            f"{amount!r} is not a whole amount of zero or more, so it has no words.",
            vi="Số tiền phải là số nguyên không âm.",
        )


class LinesDoNotAddUp(Invalid):
    code = "lines_do_not_add_up"

    def __init__(self, payment_intent_id: UUID) -> None:
        super().__init__(
            f"The fee lines of payment {payment_intent_id} do not add up to what was paid.",
            vi="Tổng các khoản thu không bằng số tiền đã nộp.",
        )


class AgencyNotKnownYet(Unavailable):
    """The money came before the news of who collects it. Asking again later is right."""

    code = "agency_not_known_yet"

    def __init__(self, agency_code: str, on: date) -> None:
        super().__init__(
            f"Nothing is published here about agency {agency_code} on {on}.",
            vi=f"Chưa có thông tin về cơ quan thu {agency_code} tại ngày {on}.",
        )


class NoReceiptRule(Unavailable):
    code = "no_receipt_rule"

    def __init__(self, on: date) -> None:
        super().__init__(
            f"No receipt form is in force on {on}.", vi=f"Chưa có mẫu biên lai áp dụng ngày {on}."
        )


class SeriesIsFull(Conflict):
    code = "receipt_series_is_full"

    def __init__(self, symbol: str, number: int) -> None:
        super().__init__(
            f"Number {number} does not fit the form of series {symbol}.",
            vi=f"Ký hiệu {symbol} đã hết số.",
        )


class IllegalTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, receipt_id: UUID, *, current: str, wanted: str) -> None:
        super().__init__(f"Receipt {receipt_id} is {current} and cannot become {wanted}.")


class ReceiptNotFound(NotFound):
    """The same words whether it never was, is somebody else's, or the code is wrong."""

    code = "receipt_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such receipt.", vi="Không tìm thấy biên lai.")


class ReceiptNotIssuedYet(Conflict):
    code = "receipt_not_issued_yet"

    def __init__(self) -> None:
        super().__init__(
            "The receipt has its number and is being signed; ask again in a moment.",
            vi="Biên lai đã có số và đang được ký; vui lòng thử lại sau giây lát.",
        )


class SignerUnavailable(Unavailable):
    """The receipt keeps its number and is signed once there is a signer again."""

    code = "signer_unavailable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"There is no signer now: {why}.", vi="Chưa ký số được lúc này; sẽ ký lại sau."
        )
