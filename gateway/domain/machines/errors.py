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


class ClientTaken(Conflict):
    code = "client_taken"

    def __init__(self) -> None:
        super().__init__(
            "This client id or provider code is taken.",
            vi="Mã đơn vị kết nối hoặc mã ngân hàng đã được dùng.",
            field="id",
        )


class ClientNotFound(NotFound):
    code = "client_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such client.", vi="Không có đơn vị kết nối này.")


class KeyProofRefused(Invalid):
    code = "key_proof_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The key was not shown to be held: {reason}.",
            vi="Chưa chứng minh được quyền nắm giữ khoá.",
            field="proof",
        )


class KeyChallengeRefused(Conflict):
    code = "key_challenge_refused"

    def __init__(self) -> None:
        super().__init__(
            "The challenge is unknown, expired, of another client, or was already used.",
            vi="Thử thách không có, đã hết hạn, của đơn vị khác, hoặc đã được dùng.",
            field="challenge",
        )


class TooManyChallenges(Conflict):
    code = "too_many_key_challenges"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit} challenges are open for this client; use one or let them expire.",
            vi=f"Đơn vị này đang có {limit} thử thách còn mở.",
        )


class TooManyKeys(Conflict):
    code = "too_many_keys"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"A client has at most {limit} usable keys; revoke one, or wait until one has retired.",
            vi=f"Mỗi đơn vị có tối đa {limit} khoá đang dùng được.",
        )


class OverlapTooShort(Invalid):
    code = "overlap_too_short"

    def __init__(self, days: int) -> None:
        super().__init__(
            f"A key retires no sooner than {days} days from now; revoke it if it must go at once.",
            vi=f"Khoá chỉ được ngừng dùng sau ít nhất {days} ngày.",
            field="retires_at",
        )


class KeyExpired(Conflict):
    code = "key_expired"

    def __init__(self) -> None:
        super().__init__("This key's time is over.", vi="Khoá này đã hết hạn.")


class CertificateNeeded(Unauthenticated):
    code = "certificate_needed"

    def __init__(self) -> None:
        super().__init__(
            "This key is bound to a client certificate that did not come with the connection.",
            vi="Khoá này gắn với một chứng thư máy khách, nhưng kết nối không kèm chứng thư đó.",
        )


class PlaceNotAllowed(Forbidden):
    code = "network_not_allowed"

    def __init__(self) -> None:
        super().__init__(
            "This client may not call from this address.",
            vi="Đơn vị kết nối không được gọi từ địa chỉ này.",
        )
