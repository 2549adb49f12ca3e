from chassis.errors import (
    Conflict,
    Forbidden,
    Malformed,
    NotFound,
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
