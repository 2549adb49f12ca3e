from collections.abc import Iterable

from chassis.errors import (
    Conflict,
    Forbidden,
    NotFound,
    TooMany,
    Unauthenticated,
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
