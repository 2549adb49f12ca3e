from chassis.errors import (
    Conflict,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Unauthenticated,
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
