"""Why the payment service refuses."""

from datetime import date
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from chassis.money import Money


class UnreadableQr(Invalid):
    code = "unreadable_qr"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message, vi="Không đọc được mã QR.", field="qr")
        self.reason = reason


class UnwritableQr(Invalid):
    code = "unwritable_qr"

    def __init__(self, message: str) -> None:
        super().__init__(message, vi="Không tạo được mã QR từ dữ liệu này.", field="qr")


class UnknownPaymentIntent(NotFound):
    code = "payment_intent_not_found"

    def __init__(self, intent_id: UUID) -> None:
        super().__init__(
            f"There is no payment intent {intent_id}.", vi="Không tìm thấy khoản cần thanh toán."
        )


class IllegalTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, subject: str, *, current: str, wanted: str) -> None:
        super().__init__(
            f"{subject} is {current} and cannot become {wanted}.",
            vi="Trạng thái hiện tại không cho phép thao tác này.",
        )


class PaymentIntentDiffers(Conflict):
    """The same fee was requested twice with different facts."""

    code = "payment_intent_differs"

    def __init__(self, intent_id: UUID) -> None:
        super().__init__(
            f"Payment intent {intent_id} was opened with other facts.",
            vi="Khoản thanh toán này đã được mở với nội dung khác.",
        )


class WrongFee(Invalid):
    code = "wrong_fee"

    def __init__(self, message: str) -> None:
        super().__init__(message, vi="Nội dung khoản phí, lệ phí không hợp lệ.")


class AmountMismatch(Conflict):
    code = "amount_mismatch"

    def __init__(self, *, expected: Money, received: Money) -> None:
        super().__init__(
            f"Expected {expected}, but {received} was confirmed.",
            vi=f"Số tiền phải nộp là {expected}, nhưng số tiền xác nhận là {received}.",
            field="amount",
        )


class AlreadyConfirmed(Conflict):
    code = "already_confirmed"

    def __init__(self, intent_id: UUID) -> None:
        super().__init__(
            f"Payment intent {intent_id} was confirmed by another confirmation.",
            vi="Khoản thanh toán này đã được xác nhận bởi một lần xác nhận khác.",
        )


class PastDeadline(Conflict):
    code = "payment_intent_past_deadline"

    def __init__(self, intent_id: UUID) -> None:
        super().__init__(
            f"The time to confirm payment intent {intent_id} is over.",
            vi="Đã quá thời hạn xác nhận khoản thanh toán này.",
        )


class UnknownProvider(NotFound):
    code = "provider_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"There is no provider {name}.", vi="Không có nhà cung cấp dịch vụ thanh toán này."
        )


class WeakEvidence(Forbidden):
    """The word of this caller, proved this way, may not settle."""

    code = "weak_evidence"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"A notice of {provider} must come from {provider}, with evidence we accept.",
            vi="Thông báo thanh toán không đủ bằng chứng xác thực.",
        )


class UnreadableNotice(Invalid):
    code = "unreadable_notice"

    def __init__(self, provider: str, field: str | None) -> None:
        super().__init__(
            f"The notice of {provider} cannot be understood.",
            vi="Không đọc được thông báo thanh toán.",
            field=field,
        )


class UnbalancedLedger(Invalid):
    code = "unbalanced_ledger"

    def __init__(self, message: str) -> None:
        super().__init__(message, vi="Bút toán không cân.")


class AccountOutsideChart(Invalid):
    code = "account_outside_chart"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The chart of accounts has no {name!r}.",
            vi="Tài khoản kế toán không có trong hệ thống tài khoản.",
        )


class UnreadablePeriod(Invalid):
    code = "unreadable_period"

    def __init__(self, since: date, until: date) -> None:
        super().__init__(
            f"A period cannot begin on {since} and end on {until}: a year at most, forward.",
            vi="Kỳ phải có ngày bắt đầu không sau ngày kết thúc và không dài quá một năm.",
            field="since",
        )


class BadCursor(Invalid):
    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__(
            "Ask with the next_cursor of the page before.",
            vi="Con trỏ trang không hợp lệ.",
            field="cursor",
        )


class NotYourAgency(NotFound):
    """Whether there is such an agency is not told to others."""

    code = "statement_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such statement for you.", vi="Không có sao kê này trong phạm vi của bạn."
        )


class TooManyAccounts(Conflict):
    """Part of a trial balance proves nothing, so none is shown."""

    code = "too_many_accounts"

    def __init__(self, accounts_max: int) -> None:
        super().__init__(
            f"There are more than {accounts_max} accounts.",
            vi=f"Có quá {accounts_max} tài khoản để lập bảng cân đối.",
        )


class ProviderUnavailable(Unavailable):
    """It refused the order, or gave no usable answer: nobody was told where to pay."""

    code = "provider_unavailable"

    def __init__(self, provider: str, reason: str) -> None:
        super().__init__(
            f"{provider} cannot take this payment now: {reason}.",
            vi="Nhà cung cấp dịch vụ thanh toán tạm thời không nhận giao dịch này.",
            retry_after_seconds=30,
        )


class NotPayable(Conflict):
    """Only a confirmed fee is paid; the state says why this one is not."""

    code = "payment_intent_not_payable"

    def __init__(self, intent_id: UUID, status: str) -> None:
        super().__init__(
            f"Payment intent {intent_id} is {status}; only a confirmed one can be paid.",
            vi="Khoản này chưa được xác nhận hoặc không còn thanh toán được.",
        )


class MethodNotConfirmed(Conflict):
    """The payer agreed to pay in another way: each way is confirmed for itself."""

    code = "method_not_confirmed"

    def __init__(self, method: str) -> None:
        super().__init__(
            f"The payer has not confirmed paying by {method}.",
            vi="Người nộp chưa xác nhận phương thức thanh toán này.",
            field="method",
        )


class MethodStartsNoAttempt(Invalid):
    """Paid by the code on the slip, or at the counter: there is no page to go to."""

    code = "method_starts_no_attempt"

    def __init__(self, method: str) -> None:
        super().__init__(
            f"Paying by {method} is not started here.",
            vi="Phương thức này không khởi tạo tại đây.",
            field="method",
        )


class AttemptInProgress(Conflict):
    code = "attempt_in_progress"

    def __init__(self, method: str) -> None:
        super().__init__(
            f"A payment by {method} is already under way.",
            vi="Đang có một lần thanh toán theo phương thức này.",
            retry_after_seconds=60,
        )


class TooManyAttempts(Conflict):
    code = "too_many_attempts"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"More than {limit} attempts were made to pay this fee.",
            vi=f"Khoản này đã được thử thanh toán quá {limit} lần.",
        )


class NobodyTakesMethod(Unavailable):
    """Each provider of this method was asked, and none takes a payment now."""

    code = "method_unavailable"

    def __init__(self, method: str) -> None:
        super().__init__(
            f"No provider takes {method} at the moment.",
            vi="Tạm thời chưa có nhà cung cấp nào nhận phương thức này.",
            retry_after_seconds=60,
        )


class RevivalTooShort(Invalid):
    code = "revival_too_short"

    def __init__(self) -> None:
        super().__init__(
            "The new deadline has passed already.",
            vi="Thời hạn mới đã qua.",
            field="expires_at",
        )


class UnreadableSettlementFile(Invalid):
    """Not one line of it can be trusted, so none is taken."""

    code = "unreadable_settlement_file"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The settlement file cannot be read: {reason}.",
            vi="Không đọc được tệp đối soát.",
        )
        self.reason = reason


class WrongSettlementSignature(Forbidden):
    code = "wrong_settlement_signature"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"Files of {provider} need its own signature, and this one has none that fits.",
            vi="Tệp đối soát chưa có chữ ký hợp lệ của nhà cung cấp.",
        )


class SettlementFileBusy(Conflict):
    code = "settlement_file_busy"

    def __init__(self) -> None:
        super().__init__(
            "Somebody else is loading this file at this moment.",
            vi="Tệp đối soát này đang được nạp ở nơi khác.",
        )


class UnknownSettlementFile(NotFound):
    code = "settlement_file_not_found"

    def __init__(self, file_id: UUID) -> None:
        super().__init__(
            f"There is no settlement file {file_id}.", vi="Không tìm thấy tệp đối soát."
        )


class UnknownDifference(NotFound):
    code = "settlement_difference_not_found"

    def __init__(self, difference_id: UUID) -> None:
        super().__init__(
            f"There is no settlement difference {difference_id}.",
            vi="Không tìm thấy chênh lệch đối soát.",
        )


class DayNotClosable(Conflict):
    code = "settlement_day_not_closable"

    def __init__(self, reason: str, vi: str) -> None:
        super().__init__(f"The day cannot be closed: {reason}.", vi=vi)


class UnknownRemittance(NotFound):
    code = "remittance_not_found"

    def __init__(self, remittance_id: UUID) -> None:
        super().__init__(
            f"There is no remittance {remittance_id}.", vi="Không tìm thấy lệnh nộp ngân sách."
        )


class RemittanceBusy(Conflict):
    code = "remittance_busy"

    def __init__(self) -> None:
        super().__init__(
            "Remittances of this agency are being drawn up at this moment.",
            vi="Lệnh nộp ngân sách của cơ quan này đang được lập.",
        )
