"""Why the receipt house refuses."""

from chassis.errors import Conflict, Invalid, NotFound, Unavailable


class UnreadableAmount(Invalid):
    code = "unreadable_amount"

    def __init__(self, amount: object) -> None:
        super().__init__(
            f"{amount!r} is not a whole amount of zero or more, so it has no words.",
            vi="Số tiền phải là số nguyên không âm.",
        )
