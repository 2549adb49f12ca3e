"""Why a dossier is refused, each reason once."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from chassis.errors import Conflict, Forbidden, Invalid, Malformed, NotFound, Unavailable
from services.dossier.domain.state import State


class UnknownProcedure(Invalid):
    code = "unknown_procedure"

    def __init__(self, procedure_code: str, *, on: date) -> None:
        super().__init__(
            f"No procedure {procedure_code} is in force on {on}.",
            vi=f"Không có thủ tục {procedure_code} đang áp dụng vào ngày {on:%d/%m/%Y}.",
            field="procedure_code",
        )


class UnknownAgency(Invalid):
    code = "unknown_agency"

    def __init__(self, agency_code: str, *, on: date) -> None:
        super().__init__(
            f"No agency {agency_code} is in office on {on}.",
            vi=f"Không có cơ quan {agency_code} đang hoạt động vào ngày {on:%d/%m/%Y}.",
            field="agency_code",
        )


class NotOfferedAtAgency(Invalid):
    code = "not_offered_at_agency"

    def __init__(self, procedure_code: str, agency_code: str) -> None:
        super().__init__(
            f"Agency {agency_code} does not receive dossiers of procedure {procedure_code}.",
            vi=f"Cơ quan {agency_code} không tiếp nhận hồ sơ của thủ tục {procedure_code}.",
            field="agency_code",
        )


class NoScheduleInForce(Invalid):
    code = "no_fee_schedule_in_force"

    def __init__(self, procedure_code: str, *, on: date) -> None:
        super().__init__(
            f"Procedure {procedure_code} has no fee schedule in force on {on}.",
            vi=f"Thủ tục {procedure_code} chưa có biểu phí áp dụng vào ngày {on:%d/%m/%Y}.",
            field="procedure_code",
        )


class CaseRequired(Invalid):
    code = "case_required"

    def __init__(self, cases: Iterable[str]) -> None:
        choices = ", ".join(sorted(cases))
        super().__init__(
            f"The fee depends on the case; give case_code as one of: {choices}.",
            vi=f"Mức thu tùy theo trường hợp; hãy chọn case_code trong: {choices}.",
            field="case_code",
        )


class UnknownCase(Invalid):
    code = "unknown_case"

    def __init__(self, case_code: str) -> None:
        super().__init__(
            f"The fee schedule knows no case {case_code}.",
            vi=f"Biểu phí không có trường hợp {case_code}.",
            field="case_code",
        )


class QuantityMissing(Invalid):
    code = "quantity_missing"

    def __init__(self, line_code: str, *, unit: str) -> None:
        super().__init__(
            f"Line {line_code} is charged per {unit}; say how many.",
            vi=f"Khoản thu {line_code} tính theo số lượng; hãy cho biết số lượng.",
            field=f"quantities.{line_code}",
        )


class QuantityOutOfRange(Invalid):
    code = "quantity_out_of_range"

    def __init__(self, line_code: str, *, most: int) -> None:
        super().__init__(
            f"The quantity of line {line_code} must be between 1 and {most}.",
            vi=f"Số lượng của khoản thu {line_code} phải từ 1 đến {most}.",
            field=f"quantities.{line_code}",
        )


class UnknownFeeLine(Invalid):
    code = "unknown_fee_line"

    def __init__(self, line_code: str) -> None:
        super().__init__(
            f"The fee schedule has no line {line_code}.",
            vi=f"Biểu phí không có khoản thu {line_code}.",
            field=f"quantities.{line_code}",
        )


class AmbiguousPrice(Unavailable):
    """The catalog published two equally fitting prices. Money is never guessed."""

    code = "ambiguous_price"

    def __init__(self, line_code: str) -> None:
        super().__init__(
            f"The fee schedule holds two prices for line {line_code}; the catalog must mend it.",
            vi=f"Biểu phí có hai mức thu cho khoản {line_code}; cần sửa danh mục trước.",
        )


class DossierNotFound(NotFound):
    code = "dossier_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such dossier.", vi="Không tìm thấy hồ sơ.")


class NotASubmitter(Forbidden):
    code = "not_a_submitter"

    def __init__(self) -> None:
        super().__init__(
            "Only a registered portal or counter may do this.",
            vi="Chỉ cổng dịch vụ công hoặc phần mềm một cửa đã đăng ký được thực hiện.",
        )


class OvertakenMeanwhile(Unavailable):
    """Another worker moved the dossier first; asking again finds it where it is now."""

    code = "overtaken_meanwhile"

    def __init__(self, dossier_id: UUID) -> None:
        super().__init__(
            f"Dossier {dossier_id} was changed by somebody else meanwhile.",
            vi="Hồ sơ vừa được cập nhật bởi phiên làm việc khác.",
        )


class IllegalTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, dossier_id: UUID, *, current: State, wanted: State) -> None:
        super().__init__(
            f"Dossier {dossier_id} is in state {current.value} and cannot go to {wanted.value}.",
            vi=f"Hồ sơ đang ở trạng thái “{current.name_vi}”, không thể chuyển sang "
            f"“{wanted.name_vi}”.",
        )


class QrDoesNotFit(Conflict):
    """A QR that would pay another amount or another account than was asked for is never shown."""

    code = "qr_does_not_fit"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The payment code does not fit the fee request: {reason}.",
            vi="Mã thanh toán không khớp với yêu cầu nộp phí, lệ phí.",
        )


class SlipNotReady(Conflict):
    code = "slip_not_ready"

    @classmethod
    def awaiting_confirmation(cls) -> "SlipNotReady":
        return cls(
            "The fee is not confirmed yet; the slip with its payment code follows confirmation.",
            vi="Khoản phí, lệ phí chưa được xác nhận; biên nhận kèm mã thanh toán sẽ có "
            "ngay sau khi xác nhận.",
        )

    @classmethod
    def payment_expired(cls) -> "SlipNotReady":
        return cls(
            "The payment code has expired, and a slip never shows a code that must not be paid.",
            vi="Mã thanh toán đã hết hạn; biên nhận không in mã đã hết hạn.",
        )


class BadCursor(Malformed):
    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__(
            "The cursor is not one we gave.", vi="Con trỏ trang không hợp lệ.", field="cursor"
        )
