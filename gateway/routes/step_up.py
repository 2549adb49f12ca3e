"""Some routes ask more than a session: a stronger sign-in, or a recent one (RFC 9470)."""

from datetime import datetime, timedelta
from typing import Final

from chassis.errors import Unauthenticated
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import Acr

# Trust and money move only for somebody who is at the keyboard now.
FRESH_WITHIN: Final = timedelta(minutes=15)


class StepUpNeeded(Unauthenticated):
    """The session is good, and not good enough: sign in again as the header says."""

    code = "insufficient_user_authentication"

    def __init__(self, acr: Acr | None, fresh_within: timedelta | None) -> None:
        super().__init__(
            "Sign in again: this needs a stronger or a more recent sign-in.",
            vi="Hãy đăng nhập lại: thao tác này cần cách đăng nhập mạnh hơn hoặc mới hơn.",
            members=_wanted(acr, fresh_within),
        )

    @property
    def challenge(self) -> str:
        said = {"error": self.code, "error_description": self.message, **self.members}
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in said.items())


def _wanted(acr: Acr | None, fresh_within: timedelta | None) -> dict[str, str]:
    wanted: dict[str, str] = {}
    if acr is not None:
        wanted["acr_values"] = acr.value
    if fresh_within is not None:
        wanted["max_age"] = str(int(fresh_within.total_seconds()))
    return wanted


def require_step_up(
    session: Session, *, acr: Acr | None, fresh_within: timedelta | None, now: datetime
) -> None:
    """Raises StepUpNeeded with all that the route asks, so that one sign-in answers it."""
    weak = acr is not None and not session.acr.at_least(acr)
    stale = fresh_within is not None and now - session.authenticated_at > fresh_within
    if weak or stale:
        raise StepUpNeeded(acr, fresh_within)
