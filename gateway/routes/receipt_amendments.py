"""Receipts that were wrong: accountants correct them by two, auditors look on."""

from typing import Final

from gateway.domain.people.roles import Role
from gateway.routes.demands import duty
from gateway.routes.route import Route

_SEEING: Final = frozenset({Role.ACCOUNTANT, Role.AUDITOR})
_DOING: Final = frozenset({Role.ACCOUNTANT})
_LOOKS: Final = (
    "/v1/receipt-amendments",
    "/v1/receipt-amendments/{id}",
    "/v1/receipt-amendments/{id}/notice.xml",
)
_DEEDS: Final = (
    "/v1/receipts/{id}/amendments",
    "/v1/receipt-amendments/{id}/approval",
    "/v1/receipt-amendments/{id}/rejection",
)

RECEIPT_AMENDMENT_ROUTES: Final[tuple[Route, ...]] = (
    *(duty("GET", "receipt", path, "receipt.read", roles=_SEEING) for path in _LOOKS),
    *(duty("POST", "receipt", path, "receipt.amend", roles=_DOING) for path in _DEEDS),
)
