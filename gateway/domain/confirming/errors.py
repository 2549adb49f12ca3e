from chassis.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Unavailable,
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


class OnlyAtCounter(Invalid):
    code = "only_at_counter"

    def __init__(self, method: str) -> None:
        super().__init__(
            f"Paying by {method} is confirmed by an officer at their counter.",
            vi="Phương thức này chỉ được cán bộ xác nhận tại quầy.",
            field="method",
        )


class NothingToScan(Conflict):
    code = "nothing_to_scan"

    def __init__(self) -> None:
        super().__init__(
            "This payment has no code to scan now.",
            vi="Khoản thanh toán này hiện không có mã để quét.",
        )


class PaymentNotFound(NotFound):
    code = "payment_intent_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such payment.", vi="Không có khoản thanh toán này.")


class PaymentRefused(Conflict):
    """The payment service would not take the confirmation; its own words are passed on."""

    code = "payment_refused"


class ProofKindUnfit(Forbidden):
    code = "proof_kind_unfit"

    def __init__(self, role: str) -> None:
        super().__init__(
            f"A confirmation opened for the role {role} cannot be given by this kind of proof.",
            vi="Loại bằng chứng này không dùng được cho lượt xác nhận này.",
            field="kind",
        )


class OutsideCounter(Forbidden):
    code = "outside_counter"

    def __init__(self) -> None:
        super().__init__(
            "You are no counter officer of the agency that this fee is owed to.",
            vi="Bạn không phải là cán bộ một cửa của cơ quan thu khoản này.",
        )


class CertificateRefused(Forbidden):
    """No licensed authority stands behind this certificate, or it is not for signing."""

    code = "certificate_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The certificate is not acceptable: {reason}.",
            vi=f"Chứng thư số không được chấp nhận: {reason}.",
        )


class CertificateRevoked(Forbidden):
    code = "certificate_revoked"

    def __init__(self) -> None:
        super().__init__("The certificate is revoked.", vi="Chứng thư số đã bị thu hồi.")


class RevocationUnknown(Unavailable):
    """Nobody could say within a day whether the certificate still holds, so it does not."""

    code = "revocation_unknown"

    def __init__(self) -> None:
        super().__init__(
            "Whether the certificate is revoked cannot be learned now. Try again later.",
            vi="Chưa kiểm tra được trạng thái thu hồi của chứng thư số. Hãy thử lại sau.",
        )


class CertificateNotBound(Forbidden):
    code = "certificate_not_bound"

    def __init__(self) -> None:
        super().__init__(
            "This certificate is not bound to your account.",
            vi="Chứng thư số này chưa được gắn với tài khoản của bạn.",
        )


class CertificateTaken(Conflict):
    code = "certificate_taken"

    def __init__(self) -> None:
        super().__init__(
            "This certificate is bound to an account already.",
            vi="Chứng thư số này đã được gắn với một tài khoản.",
        )


class TooManyCertificates(Conflict):
    code = "too_many_certificates"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"An account holds at most {most} certificates.",
            vi=f"Mỗi tài khoản chỉ gắn tối đa {most} chứng thư số.",
        )


class CertificateNotFound(NotFound):
    code = "certificate_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such certificate.", vi="Không có chứng thư số này.")


class NoPasskey(Conflict):
    code = "no_passkey"

    def __init__(self) -> None:
        super().__init__(
            "This account has no passkey that could confirm a fee.",
            vi="Tài khoản này chưa có khoá truy cập để xác nhận.",
        )


class PaymentDataRefused(Forbidden):
    """The browser showed, and signed, another payment than this fee."""

    code = "payment_data_refused"

    def __init__(self, member: str) -> None:
        super().__init__(
            f"What the browser showed is not this fee: {member}.",
            vi=f"Nội dung trình duyệt hiển thị không khớp với khoản phí này: {member}.",
            field="credential",
        )
