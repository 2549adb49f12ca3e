"""What accountants do about the keeping of receipts, and auditors look at."""

from typing import Final

from gateway.domain.people.roles import Role
from gateway.routes.demands import duty
from gateway.routes.route import Route

_SEEING: Final = frozenset({Role.ACCOUNTANT, Role.AUDITOR})
_DOING: Final = frozenset({Role.ACCOUNTANT})

KEEPING_ROUTES: Final[tuple[Route, ...]] = (
    duty("GET", "receipt", "/v1/keeping-findings", "receipt.read", roles=_SEEING),
    duty("POST", "receipt", "/v1/keeping-findings/{id}/closing", "receipt.keep", roles=_DOING),
    duty("GET", "receipt", "/v1/legal-holds", "receipt.read", roles=_SEEING),
    duty("POST", "receipt", "/v1/legal-holds", "receipt.keep", roles=_DOING),
    duty("POST", "receipt", "/v1/legal-holds/{id}/release", "receipt.keep", roles=_DOING),
    duty("GET", "receipt", "/v1/expired-receipts", "receipt.read", roles=_SEEING),
)
