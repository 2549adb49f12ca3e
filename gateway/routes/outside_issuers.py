"""What accountants do about receipts that outside issuers make."""

from typing import Final

from gateway.domain.people.roles import Role
from gateway.routes.demands import duty
from gateway.routes.route import Route

_SEEING: Final = frozenset({Role.ACCOUNTANT, Role.AUDITOR})
_DOING: Final = frozenset({Role.ACCOUNTANT})

OUTSIDE_ISSUER_ROUTES: Final[tuple[Route, ...]] = (
    duty("GET", "receipt", "/v1/outside-issues", "receipt.read", roles=_SEEING),
    duty("POST", "receipt", "/v1/outside-issues/{id}/retry", "receipt.outside", roles=_DOING),
    duty("GET", "receipt", "/v1/outside-findings", "receipt.read", roles=_SEEING),
    duty("POST", "receipt", "/v1/outside-findings/{id}/closing", "receipt.outside", roles=_DOING),
)
