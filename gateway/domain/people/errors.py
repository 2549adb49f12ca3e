from collections.abc import Iterable

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
from gateway.domain.people.roles import Role


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


class SessionNotFound(NotFound):
    code = "session_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such session.", vi="Không có phiên này.")


class SessionRotated(Conflict):
    code = "session_rotated"

    def __init__(self) -> None:
        super().__init__(
            "This token was exchanged for a new one already.",
            vi="Mã phiên này đã được đổi sang mã mới.",
        )


class TwoSessionsGiven(Malformed):
    code = "two_sessions_given"

    def __init__(self) -> None:
        super().__init__(
            "Send one session: in the Authorization header or in the cookie, not in both.",
            vi="Chỉ gửi một phiên: trong tiêu đề Authorization hoặc trong cookie.",
        )


class ForgedRequest(Forbidden):
    """Cross-site request forgery, or a page that lost its token."""

    code = "csrf_refused"

    def __init__(self) -> None:
        super().__init__(
            "The request does not come from our own page; reload it.",
            vi="Yêu cầu không đến từ trang của hệ thống; hãy tải lại trang.",
        )


class RecoveryOnly(Forbidden):
    code = "recovery_only"

    def __init__(self) -> None:
        super().__init__(
            "After a recovery code: set up a new code generator or passkey, then sign in anew.",
            vi="Sau mã khôi phục: hãy thiết lập mã một lần hoặc khoá truy cập rồi đăng nhập lại.",
        )


class StrongerSignInNeeded(Forbidden):
    code = "stronger_sign_in_needed"

    def __init__(self) -> None:
        super().__init__(
            "This needs a stronger sign-in: password and one-time code, or a passkey.",
            vi="Cần đăng nhập mạnh hơn: mật khẩu kèm mã một lần, hoặc khoá truy cập.",
        )


class RoleNeeded(Forbidden):
    code = "role_needed"

    def __init__(self, roles: Iterable[Role]) -> None:
        names = ", ".join(sorted(roles))
        super().__init__(
            f"This needs one of the duties: {names}.", vi=f"Cần một trong các vai trò: {names}."
        )


class SamePerson(Forbidden):
    """Four eyes: who asked may not also decide."""

    code = "same_person"

    def __init__(self) -> None:
        super().__init__(
            "Another person has to decide what you asked for.",
            vi="Người đề nghị không được tự phê duyệt; cần một người khác quyết định.",
        )


class ConflictingDuties(Conflict):
    code = "conflicting_duties"

    def __init__(self, wanted: Role, held: Role) -> None:
        super().__init__(
            f"Nobody holds {wanted} and {held} for the same agency.",
            vi=f"Không ai được giữ đồng thời vai trò {wanted} và {held} tại cùng một cơ quan.",
            field="role",
        )


class NotForEveryAgency(Invalid):
    code = "not_for_every_agency"

    def __init__(self, role: Role) -> None:
        super().__init__(
            f"{role} is a duty at one agency; name it.",
            vi=f"Vai trò {role} thuộc về một cơ quan; hãy nêu mã cơ quan.",
            field="agency",
        )


class OutsideAgency(Forbidden):
    code = "outside_agency"

    def __init__(self, agency: str) -> None:
        super().__init__(
            f"You hand out no duties for {agency}.",
            vi=f"Bạn không được giao quyền tại {agency}.",
            field="agency",
        )


class AlreadyGranted(Conflict):
    code = "already_granted"

    def __init__(self) -> None:
        super().__init__("This person holds this duty already.", vi="Người này đã có vai trò này.")


class TooManyGrants(Conflict):
    code = "too_many_grants"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"Nobody holds more than {most} duties at a time.",
            vi=f"Một người không giữ quá {most} vai trò cùng lúc.",
        )


class GrantNotFound(NotFound):
    code = "grant_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such grant, or it was withdrawn.",
            vi="Không có quyền này, hoặc đã bị thu hồi.",
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


class PasskeyRefused(Forbidden):
    code = "passkey_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The passkey's answer is refused: {reason}.",
            vi="Trả lời của khoá truy cập không được chấp nhận.",
        )


class PasskeyLoginRefused(Unauthenticated):
    """One answer for every cause: nobody learns whether a credential is known."""

    code = "passkey_login_refused"

    def __init__(self) -> None:
        super().__init__(
            "This passkey does not sign in here.", vi="Không đăng nhập được bằng khoá truy cập này."
        )


class PasskeyNotFound(NotFound):
    code = "passkey_not_found"

    def __init__(self) -> None:
        super().__init__("There is no such passkey.", vi="Không có khoá truy cập này.")


class PasskeyTaken(Conflict):
    code = "passkey_taken"

    def __init__(self) -> None:
        super().__init__(
            "This passkey is registered already.", vi="Khoá truy cập này đã được đăng ký."
        )


class TooManyPasskeys(Conflict):
    code = "too_many_passkeys"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"An account holds at most {most} passkeys; remove one first.",
            vi=f"Mỗi tài khoản có tối đa {most} khoá truy cập; hãy xoá bớt.",
        )


class LastFactor(Conflict):
    code = "last_factor"

    def __init__(self) -> None:
        super().__init__(
            "This is the last way to sign in to the account.",
            vi="Đây là cách đăng nhập cuối cùng của tài khoản.",
        )


class NoNewCodeSecret(Conflict):
    code = "no_new_totp"

    def __init__(self) -> None:
        super().__init__(
            "Ask for a new one-time code secret first.",
            vi="Hãy yêu cầu mã bí mật mới cho mã một lần trước.",
        )


class FederationNotFound(NotFound):
    code = "federation_not_found"

    def __init__(self) -> None:
        super().__init__(
            "There is no such identity provider.", vi="Không có nhà cung cấp định danh này."
        )


class FederationUnavailable(Unavailable):
    code = "federation_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "The identity provider does not answer as it should; try again later.",
            vi="Nhà cung cấp định danh không trả lời đúng; hãy thử lại sau.",
        )


class FederationRefused(Unauthenticated):
    """`reason` is the name of the check that failed, never what it was shown."""

    code = "federation_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The identity provider's answer is refused: {reason}.",
            vi="Trả lời của nhà cung cấp định danh không được chấp nhận.",
        )


class IdentityTaken(Conflict):
    code = "identity_taken"

    def __init__(self) -> None:
        super().__init__(
            "This account of the identity provider belongs to another account here.",
            vi="Tài khoản định danh này đã gắn với một tài khoản khác.",
        )
