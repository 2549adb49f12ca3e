"""Who may see and decide what: one rule for every service, told from a caller's token.

Pure: a caller is whatever carries these names.
"""

from dataclasses import dataclass
from typing import Final, Protocol, Self

from chassis.errors import Forbidden

EVERY_AGENCY: Final = "*"


class OnDuty(Protocol):
    """A caller as the gateway established it; the duties are those that let them in."""

    @property
    def subject(self) -> str: ...

    @property
    def kind(self) -> str: ...

    @property
    def roles(self) -> frozenset[str]: ...

    @property
    def agencies(self) -> frozenset[str]: ...


class DutyNeeded(Forbidden):
    code = "role_needed"

    def __init__(self) -> None:
        super().__init__("This needs a duty.", vi="Việc này cần một vai trò được giao.")


class AnotherPersonNeeded(Forbidden):
    """Four eyes: who asked may not also decide."""

    code = "same_person"

    def __init__(self) -> None:
        super().__init__(
            "Another person has to decide what you asked for.",
            vi="Người đề nghị không được tự phê duyệt; cần một người khác quyết định.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whose rows somebody sees: one client's, or some agencies'. None is no limit of that kind."""

    client_id: str | None = None
    agencies: frozenset[str] | None = None

    @classmethod
    def everything(cls) -> Self:
        return cls()

    @classmethod
    def of_client(cls, client_id: str) -> Self:
        return cls(client_id=client_id)

    @classmethod
    def of_officer(cls, caller: OnDuty) -> Self:
        """Raises DutyNeeded for a person without a duty."""
        if not is_officer(caller):
            raise DutyNeeded
        agencies = agencies_of(caller)
        return cls(agencies=None if EVERY_AGENCY in agencies else agencies)

    def covers(self, *, client_id: str | None, agency_code: str | None) -> bool:
        mine = self.client_id is None or self.client_id == client_id
        return mine and (self.agencies is None or agency_code in self.agencies)


def is_officer(caller: OnDuty) -> bool:
    return caller.kind == "user" and bool(caller.roles)


def agencies_of(caller: OnDuty) -> frozenset[str]:
    """Where the caller's duties count; `*` among them is everywhere. Without duties, nowhere."""
    return caller.agencies if is_officer(caller) else frozenset()


def require_role(caller: OnDuty, role: str, *, agency: str) -> None:
    """The duty at this agency. A token names duties and agencies side by side, so a route whose
    service asks for one certain duty must be entered by that duty alone."""
    if caller.roles != {role} or not agencies_of(caller) & {EVERY_AGENCY, agency}:
        raise DutyNeeded


def require_another_person(*, asked_by: str, decided_by: OnDuty) -> None:
    """`asked_by` is the subject kept with what was asked. Only a person on duty decides."""
    if not is_officer(decided_by) or decided_by.subject == asked_by:
        raise AnotherPersonNeeded
