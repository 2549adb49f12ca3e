"""Why a bill is not opened. The same words answer a request and a line of a file."""

from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid, NotFound
from chassis.money import Money


class NothingToPay(Invalid):
    code = "nothing_to_pay"

    def __init__(self) -> None:
        super().__init__(
            "The lines of the bill add up to nothing.",
            vi="Tổng các khoản bằng không: không có gì để thu.",
            field="lines",
        )


class PartPaymentNotTaken(Invalid):
    code = "part_payment_not_taken"

    def __init__(self, *, total: Money, asked: Money) -> None:
        super().__init__(
            f"The lines add up to {total}, but only {asked} is asked; a bill is paid whole.",
            vi=f"Tổng các khoản là {total} nhưng chỉ yêu cầu {asked}: không nhận nộp một phần.",
            field="amount",
        )


class AgencyNotFound(Invalid):
    code = "agency_not_found"

    def __init__(self, code: str) -> None:
        super().__init__(
            f"No agency {code} is published for today.",
            vi=f"Không có cơ quan thu {code} đang hiệu lực.",
            field="agency_code",
        )


class PayeeAccountDiffers(Invalid):
    """Money goes to the account that the agency published, and to no other."""

    code = "payee_account_differs"

    def __init__(self, agency_code: str) -> None:
        super().__init__(
            f"This is not the account at which {agency_code} collects.",
            vi=f"Tài khoản nhận không phải tài khoản thu đã công bố của {agency_code}.",
            field="payee",
        )


class PastDueDate(Invalid):
    code = "past_due_date"

    def __init__(self) -> None:
        super().__init__("The bill is due in the past.", vi="Hạn nộp đã qua.", field="due_at")


class DueTooLate(Invalid):
    code = "due_too_late"

    def __init__(self, days_max: int) -> None:
        super().__init__(
            f"A bill is due within {days_max} days.",
            vi=f"Hạn nộp phải trong vòng {days_max} ngày.",
            field="due_at",
        )


class ReferenceTaken(Conflict):
    code = "reference_taken"

    def __init__(self, reference: str, intent_id: UUID) -> None:
        super().__init__(
            f"A bill {reference} of yours exists already.",
            vi=f"Mã khoản thu {reference} đã được dùng cho một khoản khác của đơn vị.",
            field="reference",
            members={"payment_intent_id": str(intent_id)},
        )


class NoBillerEvidence(Forbidden):
    """Nobody's bill has a code without the record of the signed request that is its authority."""

    code = "no_biller_evidence"

    def __init__(self) -> None:
        super().__init__(
            "Bills are opened by signed requests only.",
            vi="Chỉ mở khoản thu bằng yêu cầu đã ký.",
        )


class NoCodeToShow(Conflict):
    code = "no_code_to_show"

    def __init__(self) -> None:
        super().__init__(
            "There is a code only while the bill can be paid.",
            vi="Chỉ có mã QR khi khoản này còn nộp được.",
        )


class UnknownBatch(NotFound):
    code = "bill_batch_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such batch.", vi="Không tìm thấy lô khoản thu này.")


class UnreadableFile(Invalid):
    code = "unreadable_file"

    def __init__(self, message: str, *, vi: str) -> None:
        super().__init__(message, vi=vi, field="file")


class UnreadableLine(Invalid):
    """`reason` is the stable code of a line's result."""

    code = "unreadable_line"

    def __init__(self, reason: str, message: str, *, vi: str) -> None:
        super().__init__(message, vi=vi)
        self.reason = reason
