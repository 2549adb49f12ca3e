"""Separation of duties: what one person may not hold together, and may not decide alone."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from gateway.domain.people.errors import ConflictingDuties, NotForEveryAgency, SamePerson
from gateway.domain.people.roles import EVERY_AGENCY, Grant, Role

# Whoever holds both for one agency could make money or trust move with nobody looking on.
CONFLICTS: Final[frozenset[frozenset[Role]]] = frozenset(
    frozenset(pair)
    for pair in (
        (Role.REFUND_REQUESTER, Role.REFUND_APPROVER),
        (Role.FEE_EDITOR, Role.FEE_PUBLISHER),
        (Role.KEY_REGISTRAR, Role.KEY_APPROVER),
        # Who takes the money at the counter does not also say that the books agree.
        (Role.COUNTER_OFFICER, Role.ACCOUNTANT),
        (Role.COUNTER_OFFICER, Role.REFUND_APPROVER),
        # Who hands out duties could hand them to a friend; who audits must not have had a part.
        (Role.GRANTER, Role.AUDITOR),
        (Role.GRANTER, Role.KEY_APPROVER),
        (Role.GRANTER, Role.REFUND_APPROVER),
        (Role.OPERATOR, Role.AUDITOR),
        (Role.ACCOUNTANT, Role.AUDITOR),
        (Role.REFUND_APPROVER, Role.AUDITOR),
        (Role.KEY_APPROVER, Role.AUDITOR),
    )
)

# Everything else belongs to an agency: nobody is the cashier of a whole country. What a provider
# pays out is of all agencies together, so somebody has to reconcile it for all of them.
EVERYWHERE: Final = frozenset(
    {
        Role.ACCOUNTANT,
        Role.KEY_REGISTRAR,
        Role.KEY_APPROVER,
        Role.OPERATOR,
        Role.AUDITOR,
        Role.GRANTER,
    }
)
# What one person may hold at a time; a session is read with all of them.
GRANTS_MAX: Final = 64


def require_scope(grant: Grant) -> None:
    if grant.agency == EVERY_AGENCY and grant.role not in EVERYWHERE:
        raise NotForEveryAgency(grant.role)


def overlap(one: str, other: str) -> bool:
    """Whether two grants reach a common agency."""
    return EVERY_AGENCY in (one, other) or one == other


def require_compatible(new: Grant, held: Iterable[Grant]) -> None:
    """Raises ConflictingDuties, naming what stands in the way."""
    for grant in sorted(held, key=lambda one: (one.role, one.agency)):
        pair = frozenset({new.role, grant.role})
        if pair in CONFLICTS and overlap(new.agency, grant.agency):
            raise ConflictingDuties(new.role, grant.role)


def require_another_person(*, asked_by: UUID, decided_by: UUID) -> None:
    """Four eyes, whatever duties the two of them hold."""
    if asked_by == decided_by:
        raise SamePerson


def agencies_of(grants: Iterable[Grant], role: Role) -> frozenset[str]:
    """Where the duty is held; `*` among them is everywhere."""
    return frozenset(grant.agency for grant in grants if grant.role is role)


def reaches(agencies: Iterable[str], agency: str) -> bool:
    """Whether a duty for these agencies counts for this one. A duty for one is none for `*`."""
    return any(held in (EVERY_AGENCY, agency) for held in agencies)
