"""Why the gateway refuses. Each reason has its own code; the chassis knows the HTTP number."""

from chassis.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    TooMany,
    Unauthenticated,
    Unavailable,
)


class IllegalTransition(Conflict):
    code = "illegal_transition"

    def __init__(self, thing: str, *, current: str, wanted: str) -> None:
        super().__init__(
            f"{thing} is {current} and cannot become {wanted}.",
            vi=f"{thing} đang ở trạng thái {current}, không thể chuyển sang {wanted}.",
        )


class NonceReused(Unauthenticated):
    code = "nonce_reused"

    def __init__(self) -> None:
        super().__init__(
            "This signed request was already received. Sign again with a new nonce.",
            vi="Yêu cầu đã ký này đã được nhận. Hãy ký lại với nonce mới.",
        )


class ClientNotAllowed(Forbidden):
    code = "client_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "This client may not use this route.", vi="Đơn vị kết nối không được dùng địa chỉ này."
        )


class DuplicateHeader(Malformed):
    code = "duplicate_header"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The header {name} may be sent once only.",
            vi=f"Tiêu đề {name} chỉ được gửi một lần.",
            field=name,
        )


class UnexpectedBody(Malformed):
    code = "unexpected_body"

    def __init__(self) -> None:
        super().__init__("This request takes no body.", vi="Yêu cầu này không có nội dung.")


class HeadersTooLarge(Malformed):
    code = "headers_too_large"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(
            f"The headers are longer than {limit_bytes} bytes.",
            vi=f"Phần tiêu đề dài hơn {limit_bytes} byte.",
        )


class KeyTaken(Conflict):
    code = "key_taken"

    def __init__(self) -> None:
        super().__init__(
            "This key is already registered to somebody else.",
            vi="Khoá này đã được đăng ký cho chủ thể khác.",
        )


class KeyNotFound(NotFound):
    code = "key_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such key.", vi="Không có khoá này.")


class UnusableKey(Invalid):
    code = "unusable_key"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The public key cannot be used: {reason}.",
            vi=f"Không dùng được khoá công khai: {reason}.",
            field="jwk",
        )


class UsernameTaken(Conflict):
    code = "username_taken"

    def __init__(self) -> None:
        super().__init__(
            "This user name is taken.", vi="Tên đăng nhập đã có người dùng.", field="username"
        )


class AccountNotFound(NotFound):
    code = "account_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such account.", vi="Không có tài khoản này.")


class LoginRefused(Unauthenticated):
    """One answer for every cause, so that nobody learns which part was wrong."""

    code = "login_refused"

    def __init__(self) -> None:
        super().__init__(
            "User name, password or one-time code is wrong.",
            vi="Tên đăng nhập, mật khẩu hoặc mã một lần không đúng.",
        )


class SessionRefused(Unauthenticated):
    code = "session_refused"

    def __init__(self) -> None:
        super().__init__(
            "Sign in first; the session is missing, ended or revoked.",
            vi="Hãy đăng nhập; phiên không có, đã hết hạn hoặc đã bị thu hồi.",
        )


class AccountLocked(TooMany):
    code = "account_locked"

    def __init__(self) -> None:
        super().__init__(
            "Too many wrong tries. The account is locked for 15 minutes.",
            vi="Nhập sai quá nhiều lần. Tài khoản bị khoá 15 phút.",
        )


class CodeRefused(Forbidden):
    """A wrong one-time code, or a right one that was used before."""

    code = "totp_refused"

    def __init__(self) -> None:
        super().__init__(
            "The one-time code is wrong or was already used.",
            vi="Mã một lần không đúng hoặc đã được dùng.",
            field="totp",
        )


class AlreadyActive(Conflict):
    code = "totp_already_active"

    def __init__(self) -> None:
        super().__init__(
            "The one-time code of this account is already active.",
            vi="Mã một lần của tài khoản này đã được kích hoạt.",
        )


class ChallengeRefused(Conflict):
    code = "challenge_refused"

    def __init__(self) -> None:
        super().__init__(
            "The enrolment challenge is unknown, expired or was already used.",
            vi="Thử thách đăng ký thiết bị không có, đã hết hạn hoặc đã được dùng.",
        )


class ProofMalformed(Malformed):
    code = "proof_malformed"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The signature object is not as agreed: {reason}.",
            vi=f"Chữ ký không đúng định dạng đã thoả thuận: {reason}.",
            field="jws",
        )


class ProofRefused(Forbidden):
    """The signature does not belong to these bytes."""

    code = "proof_refused"

    def __init__(self) -> None:
        super().__init__(
            "The signature does not fit exactly this fee.",
            vi="Chữ ký không khớp với đúng khoản phí, lệ phí này.",
            field="jws",
        )


class DeviceKeyRefused(Forbidden):
    code = "device_key_refused"

    def __init__(self) -> None:
        super().__init__(
            "The signing key is not an active device key of this account.",
            vi="Khoá ký không phải là khoá thiết bị đang hoạt động của tài khoản này.",
            field="jws",
        )


class ConfirmationNotFound(NotFound):
    code = "confirmation_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such confirmation.", vi="Không có lượt xác nhận này.")


class ConfirmationExpired(Conflict):
    code = "confirmation_expired"

    def __init__(self) -> None:
        super().__init__(
            "The confirmation has expired. Open a new one.",
            vi="Lượt xác nhận đã hết hạn. Hãy mở lượt mới.",
        )


class ConfirmationUsed(Conflict):
    code = "confirmation_used"

    def __init__(self) -> None:
        super().__init__(
            "This confirmation was already given, with another proof.",
            vi="Lượt xác nhận này đã được dùng với chữ ký khác.",
        )


class ConfirmationSuperseded(Conflict):
    code = "confirmation_superseded"

    def __init__(self) -> None:
        super().__init__(
            "A newer confirmation replaced this one.",
            vi="Lượt xác nhận này đã được thay bằng lượt mới hơn.",
        )


class AlreadyConfirmed(Conflict):
    code = "already_confirmed"

    def __init__(self) -> None:
        super().__init__(
            "This fee was already confirmed.", vi="Khoản phí, lệ phí này đã được xác nhận."
        )


class NotConfirmable(Conflict):
    code = "payment_not_confirmable"

    def __init__(self, status: str) -> None:
        super().__init__(
            f"A payment that is {status} cannot be confirmed.",
            vi=f"Khoản thanh toán ở trạng thái {status} không thể xác nhận.",
        )


class PaymentNotFound(NotFound):
    code = "payment_intent_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such payment.", vi="Không có khoản thanh toán này.")


class PaymentRefused(Conflict):
    """The payment service would not take the confirmation; its own words are passed on."""

    code = "payment_refused"


class EvidenceNotFound(NotFound):
    code = "evidence_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no evidence of such a payment for this client.",
            vi="Không có hồ sơ chứng cứ của khoản thanh toán này cho đơn vị kết nối.",
        )


class TooMuchEvidence(Conflict):
    code = "too_much_evidence"

    def __init__(self, records_max: int) -> None:
        super().__init__(
            f"This payment has more than {records_max} records of evidence; ask the operator.",
            vi=f"Khoản này có hơn {records_max} bản ghi bằng chứng; hãy liên hệ đơn vị vận hành.",
        )


class StoreUnavailable(Unavailable):
    """Keys, nonces and evidence cannot be read or written: nothing with a fee goes on."""

    code = "evidence_store_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The request cannot be recorded now. Try again shortly.",
            vi="Chưa thể ghi nhận yêu cầu. Hãy thử lại sau ít giây.",
        )


class UpstreamUnavailable(Unavailable):
    code = "service_unavailable"

    def __init__(self, service: str) -> None:
        super().__init__(
            f"The {service} service cannot be reached now. Try again shortly.",
            vi=f"Dịch vụ {service} tạm thời chưa trả lời. Hãy thử lại sau ít giây.",
        )
