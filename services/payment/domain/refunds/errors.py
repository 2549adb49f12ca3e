"""Why a refund is refused."""

from uuid import UUID

from chassis.errors import Conflict, Invalid, NotFound
from chassis.money import Money


class UnknownRefund(NotFound):
    code = "refund_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such refund.", vi="Không tìm thấy khoản hoàn trả.")


class NothingToRefund(NotFound):
    """No such payment or discrepancy, or none that the caller may know of."""

    code = "refund_source_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such money to pay back.", vi="Không tìm thấy khoản tiền cần hoàn trả."
        )


class NotPaidYet(Conflict):
    code = "not_paid_yet"

    def __init__(self) -> None:
        super().__init__(
            "Only money that has come can be paid back.",
            vi="Chỉ hoàn trả được khoản tiền đã thu.",
        )


class AmountAvailableDiffers(Conflict):
    """The caller decided on an old sight; `amount_available` is what is there now."""

    code = "refund_amount_available_differs"

    def __init__(self, available: Money) -> None:
        super().__init__(
            f"There are {available} left to refund; you saw another amount.",
            vi=f"Số tiền còn có thể hoàn trả là {available}, khác với số bạn đã thấy.",
            field="amount_available",
            members={"amount_available": str(available.minor_units)},
        )


class RefundTooLarge(Invalid):
    code = "refund_too_large"

    def __init__(self, available: Money) -> None:
        super().__init__(
            f"At most {available} can be refunded.",
            vi=f"Chỉ có thể hoàn trả tối đa {available}.",
            field="amount",
        )


class LinesNeeded(Invalid):
    code = "refund_lines_needed"

    def __init__(self) -> None:
        super().__init__(
            "Say how much of each fee line goes back: the payment has several.",
            vi="Khoản nộp có nhiều mục thu: hãy ghi số tiền hoàn trả của từng mục.",
            field="lines",
        )


class WrongLines(Invalid):
    code = "wrong_refund_lines"

    def __init__(self, message: str) -> None:
        super().__init__(message, vi="Các mục hoàn trả không khớp với khoản đã nộp.", field="lines")


class LineRefundedAlready(Conflict):
    code = "refund_line_exceeded"

    def __init__(self, line_code: str, left: Money) -> None:
        super().__init__(
            f"Of line {line_code} only {left} are left to refund.",
            vi=f"Mục thu {line_code} chỉ còn có thể hoàn trả {left}.",
            field="lines",
        )


class TooManyRefunds(Conflict):
    code = "too_many_refunds"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"There are {most} refunds of this money already.",
            vi=f"Khoản tiền này đã có {most} lần hoàn trả.",
        )


class RefundChanged(Conflict):
    """Somebody else moved it between our look and our step."""

    code = "refund_changed"

    def __init__(self, refund_id: UUID) -> None:
        super().__init__(
            f"Refund {refund_id} was changed meanwhile; look again.",
            vi="Khoản hoàn trả vừa được thay đổi; vui lòng xem lại.",
        )


class OutcomeNotAwaited(Conflict):
    code = "refund_outcome_not_awaited"

    def __init__(self, status: str) -> None:
        super().__init__(
            f"The refund is {status}: nobody has to say how it ended.",
            vi="Khoản hoàn trả không ở trạng thái chờ kết quả.",
        )
