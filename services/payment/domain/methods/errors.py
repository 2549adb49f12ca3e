"""Why a way to pay is refused before any money moves."""

from chassis.errors import Conflict
from chassis.money import Money


class MethodNotOffered(Conflict):
    code = "method_not_offered"

    def __init__(self, method: str) -> None:
        super().__init__(
            f"The payment method {method} is not offered here.",
            vi="Phương thức thanh toán này không được cung cấp ở đây.",
            field="method",
        )


class AboveMethodLimit(Conflict):
    code = "above_method_limit"

    def __init__(self, method: str, limit: Money) -> None:
        super().__init__(
            f"By {method} one payment may be {limit} at most. Choose another method.",
            vi=f"Phương thức này chỉ nhận tối đa {limit} mỗi lần. Hãy chọn phương thức khác.",
            field="method",
        )


class BelowMethodMinimum(Conflict):
    code = "below_method_minimum"

    def __init__(self, method: str, minimum: Money) -> None:
        super().__init__(
            f"By {method} one payment must be {minimum} at least. Choose another method.",
            vi=f"Phương thức này chỉ nhận từ {minimum} mỗi lần. Hãy chọn phương thức khác.",
            field="method",
        )


class OutsideMethodHours(Conflict):
    code = "outside_method_hours"

    def __init__(self, method: str, hours: str) -> None:
        super().__init__(
            f"Now is outside the hours of {method}: {hours}.",
            vi=f"Hiện ngoài giờ phục vụ của phương thức này: {hours}.",
            field="method",
        )
