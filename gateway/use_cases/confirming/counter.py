from collections.abc import Iterable

from gateway.domain.confirming.errors import OutsideCounter
from gateway.domain.people.duties import agencies_of, reaches
from gateway.domain.people.roles import Grant, Role


def require_counter_officer(grants: Iterable[Grant], *, agency: str) -> None:
    """Raises OutsideCounter for whoever has no counter at this agency."""
    if not reaches(agencies_of(grants, Role.COUNTER_OFFICER), agency):
        raise OutsideCounter
