"""Why a counter is refused: before money changes hands, wherever that is possible."""

from collections.abc import Mapping

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.money import Money


class DrawerNotFound(NotFound):
    code = "cash_drawer_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such cash drawer.", vi="Không tìm thấy ngăn quỹ tiền mặt này."
        )


class DrawerAlreadyOpen(Conflict):
    code = "cash_drawer_already_open"

    def __init__(self) -> None:
        super().__init__(
            "You have an open drawer, or this drawer is not signed off yet.",
            vi="Bạn đang mở một ngăn quỹ, hoặc ngăn quỹ này chưa được kiểm quỹ xong.",
            field="drawer",
        )


class DrawerNotOpen(Conflict):
    code = "cash_drawer_not_open"

    def __init__(self, status: str) -> None:
        super().__init__(
            f"The drawer is {status} and takes no money.",
            vi="Ngăn quỹ đã khoá sổ, không nhận thêm tiền.",
            field="drawer_id",
        )


class NotYourDrawer(Forbidden):
    code = "not_your_drawer"

    def __init__(self) -> None:
        super().__init__(
            "Only the officer who opened a drawer fills and counts it, at the drawer's agency.",
            vi="Chỉ cán bộ đã mở ngăn quỹ mới được thu tiền và kiểm đếm, tại đúng cơ quan.",
        )


class ReservedDrawer(Invalid):
    code = "drawer_reserved"

    def __init__(self) -> None:
        super().__init__(
            "This name is the agency's safe.",
            vi="Tên này dành cho két của cơ quan.",
            field="drawer",
        )


class ReasonNeeded(Invalid):
    code = "difference_needs_reason"

    def __init__(self, expected: Money, counted: Money) -> None:
        super().__init__(
            f"Expected {expected}, counted {counted}: say why.",
            vi=f"Sổ là {expected}, kiểm đếm {counted}: hãy nêu lý do chênh lệch.",
            field="reason",
        )


class DrawerMoved(Conflict):
    code = "cash_drawer_moved"

    def __init__(self) -> None:
        super().__init__(
            "Money came into the drawer, or it was counted, meanwhile. Look again.",
            vi="Ngăn quỹ vừa thay đổi. Hãy xem lại và thao tác lại.",
        )


class ReceivedDiffers(Conflict):
    code = "received_differs"

    def __init__(self, counted: Money, received: Money) -> None:
        super().__init__(
            f"The officer counted {counted}, you received {received}: count again together.",
            vi=f"Cán bộ đếm {counted}, kế toán nhận {received}: cần cùng đếm lại.",
            field="received",
        )


class TenderedTooLittle(Conflict):
    code = "tendered_too_little"

    def __init__(self, amount: Money, tendered: Money) -> None:
        super().__init__(
            f"The fee is {amount}; {tendered} does not cover it. Part of a fee is not taken.",
            vi=f"Khoản phải nộp là {amount}, tiền đưa {tendered} chưa đủ. Không thu một phần.",
            field="tendered",
        )


class AlreadyPaid(Conflict):
    """Said to the officer before any money changes hands."""

    code = "already_paid"

    def __init__(self, facts: Mapping[str, str]) -> None:
        said = ", ".join(f"{name} {value}" for name, value in facts.items())
        super().__init__(
            f"This fee is paid already ({said}). Take no money.",
            vi=f"Khoản này đã được nộp ({said}). Không thu thêm tiền.",
            members=facts,
        )


class NotPayableAtCounter(Conflict):
    code = "not_payable_at_counter"

    def __init__(self, status: str) -> None:
        super().__init__(
            f"This fee is {status}. Take no money.",
            vi="Khoản này hiện không nộp được. Không thu tiền.",
        )


class NotConfirmedAtCounter(Conflict):
    code = "not_confirmed_at_counter"

    def __init__(self, method: str) -> None:
        super().__init__(
            f"No officer has confirmed this fee for {method}. Confirm it first; a card that was"
            " charged already is voided at its terminal.",
            vi="Khoản này chưa được cán bộ xác nhận cho phương thức này. Hãy xác nhận trước;"
            " nếu đã quẹt thẻ thì huỷ giao dịch trên máy POS.",
            field="method",
        )


class SlipAlreadyUsed(Conflict):
    code = "pos_slip_already_used"

    def __init__(self) -> None:
        super().__init__(
            "This terminal slip was entered before.",
            vi="Hoá đơn POS này đã được ghi nhận trước đó.",
            field="reference",
        )
