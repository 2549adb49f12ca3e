"""Why a correction is refused."""

from chassis.errors import Conflict, Invalid, NotFound


class AmendmentNotFound(NotFound):
    code = "receipt_amendment_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such correction.", vi="Không tìm thấy đề nghị xử lý biên lai."
        )


class AmendmentWaits(Conflict):
    code = "receipt_amendment_waits"

    def __init__(self) -> None:
        super().__init__(
            "A correction of this receipt waits already; decide it first.",
            vi="Biên lai này đang có một đề nghị xử lý chờ quyết định.",
        )


class IllegalAmendmentTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, *, current: str, wanted: str) -> None:
        super().__init__(
            f"The correction is {current} and cannot become {wanted}.",
            vi="Đề nghị này đã được quyết định.",
        )


class NotAmendable(Conflict):
    """`receipt_type` and `corrected` are how the receipt stands."""

    code = "receipt_not_amendable"

    def __init__(self, wanted: str, *, receipt_type: str, corrected: str | None) -> None:
        stands = f"{receipt_type} receipt" + (f" that is {corrected}" if corrected else "")
        super().__init__(
            f"A {stands} takes no {wanted}.",
            vi="Tình trạng của biên lai không cho phép hình thức xử lý này.",
        )


class CancelNeedsRefund(Conflict):
    code = "cancel_needs_refund"

    def __init__(self) -> None:
        super().__init__(
            "Nothing, or not all, of what the receipt says was paid back.",
            vi="Chưa hoàn trả đủ số tiền ghi trên biên lai nên chưa thể hủy vì lý do này.",
        )


class ContentNotFitting(Invalid):
    """What a correction says must fit what it is."""

    code = "amendment_content_not_fitting"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"What the correction says does not fit: {why}.",
            vi="Nội dung xử lý không phù hợp với hình thức xử lý hoặc với biên lai gốc.",
        )


class MoreThanWasPaid(Conflict):
    code = "more_than_was_paid"

    def __init__(self) -> None:
        super().__init__(
            "The payment's receipts would say more than was paid.",
            vi="Tổng số tiền trên các biên lai sẽ lớn hơn số tiền đã nộp.",
        )
