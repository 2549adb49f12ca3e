"""Refusals of the token endpoint (RFC 6749 5.2) and of tokens at the door; codes are theirs."""

from chassis.errors import Malformed, Unauthenticated

DPOP_CHALLENGE = 'DPoP algs="ES256 EdDSA PS512"'


class TokenRefused(Malformed):
    """Answered by the token endpoint as `error` and `error_description`, with 400."""

    code = "invalid_request"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, vi="Yêu cầu cấp mã truy cập không hợp lệ.")


class UnsupportedGrantType(TokenRefused):
    code = "unsupported_grant_type"

    def __init__(self) -> None:
        super().__init__("only client_credentials is served here")


class InvalidScope(TokenRefused):
    code = "invalid_scope"

    def __init__(self) -> None:
        super().__init__("a scope is asked that this client may not have")


class UnauthorizedClient(TokenRefused):
    code = "unauthorized_client"

    def __init__(self) -> None:
        super().__init__("this class of clients is given no tokens")


class InvalidClient(Unauthenticated):
    code = "invalid_client"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The client assertion is refused: {reason}.", vi="Không xác thực được đơn vị kết nối."
        )


class TokenChallenged(Unauthenticated):
    """Carries the headers that tell a client what to send instead."""

    def __init__(self, message: str, *, vi: str, headers: dict[str, str]) -> None:
        super().__init__(message, vi=vi)
        self.headers = headers


class BadSenderProof(TokenChallenged):
    code = "invalid_dpop_proof"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The DPoP proof is refused: {reason}.",
            vi="Bằng chứng DPoP bị từ chối.",
            headers={"www-authenticate": f'{DPOP_CHALLENGE}, error="{self.code}"'},
        )


class ServerNonceNeeded(TokenChallenged):
    code = "use_dpop_nonce"

    def __init__(self, nonce: str) -> None:
        super().__init__(
            "Put the nonce of the DPoP-Nonce header into a new DPoP proof.",
            vi="Hãy tạo lại bằng chứng DPoP với nonce trong tiêu đề DPoP-Nonce.",
            headers={
                "dpop-nonce": nonce,
                "www-authenticate": f'{DPOP_CHALLENGE}, error="{self.code}"',
            },
        )


class BadAccessToken(TokenChallenged):
    code = "invalid_token"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The access token is refused: {reason}.",
            vi="Mã truy cập bị từ chối.",
            headers={"www-authenticate": f'{DPOP_CHALLENGE}, error="{self.code}"'},
        )
