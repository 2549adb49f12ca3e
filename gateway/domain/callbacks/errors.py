from chassis.errors import Forbidden, Malformed, NotFound, Unauthenticated


class NoSuchProvider(NotFound):
    code = "provider_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such provider.", vi="Không có nhà cung cấp dịch vụ thanh toán này."
        )


class CallbackRefused(Unauthenticated):
    """What authenticates a provider's notice is missing or does not fit."""

    code = "bad_callback"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The provider's notice is refused: {reason}.",
            vi="Thông báo của nhà cung cấp không xác thực được.",
        )


class CallbackMalformed(Malformed):
    """Two readers could understand the notice differently, or nobody can."""

    code = "unreadable_callback"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The provider's notice cannot be read: {reason}.",
            vi="Không đọc được thông báo của nhà cung cấp.",
        )


class SourceRefused(Forbidden):
    code = "source_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "Notices of this provider are not taken from this address.",
            vi="Không nhận thông báo của nhà cung cấp từ địa chỉ này.",
        )
