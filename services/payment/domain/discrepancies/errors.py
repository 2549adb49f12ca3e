"""Why the worklist refuses."""

from uuid import UUID

from chassis.errors import Conflict, Invalid, NotFound
from chassis.money import Money


class UnknownDiscrepancy(NotFound):
    """None, or none that the caller may know of."""

    code = "discrepancy_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such discrepancy.", vi="Không tìm thấy sai lệch này.")


class MoneyUsed(Conflict):
    """It was applied, refunded or cleared before, or is on its way back."""

    code = "discrepancy_money_used"

    def __init__(self, discrepancy_id: UUID) -> None:
        super().__init__(
            f"The money of discrepancy {discrepancy_id} has been used, or is being refunded.",
            vi="Số tiền của sai lệch này đã được xử lý hoặc đang được hoàn trả.",
        )


class NotApplicable(Conflict):
    """This money cannot pay that fee."""

    code = "discrepancy_not_applicable"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"This money cannot be applied to that payment: {why}.",
            vi="Không thể dùng số tiền này để trả khoản phải nộp đã chọn.",
            field="payment_intent_id",
        )


class IntentWasNotPayable(Conflict):
    code = "payment_intent_moved_on"

    def __init__(self, intent_id: UUID) -> None:
        super().__init__(
            f"Payment intent {intent_id} was paid or changed meanwhile.",
            vi="Khoản phải nộp đã được thanh toán hoặc thay đổi trong lúc xử lý.",
        )


class ResolvesItself(Invalid):
    code = "resolved_by_refund_alone"

    def __init__(self) -> None:
        super().__init__(
            "A case is resolved as refunded when its refund has succeeded: ask for one.",
            vi="Sai lệch chỉ được ghi nhận đã hoàn trả khi lệnh hoàn trả thành công.",
            field="resolution",
        )


class IncompleteDecision(Invalid):
    code = "incomplete_decision"

    def __init__(self, field: str) -> None:
        super().__init__(
            f"This resolution needs {field}.", vi="Quyết định xử lý còn thiếu dữ liệu.", field=field
        )


class NoMoneyHeld(Conflict):
    code = "discrepancy_holds_no_money"

    def __init__(self, held: Money) -> None:
        super().__init__(
            f"What is held is {held}: there is nothing to be decided about.",
            vi="Sai lệch này không còn giữ tiền để xử lý.",
        )
