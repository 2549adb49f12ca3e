"""The books, summaries and lists of receipts, for whoever keeps or examines an agency's."""

from typing import Final

from gateway.domain.people.roles import Role
from gateway.routes.demands import duty
from gateway.routes.route import Route

_SEEING: Final = frozenset({Role.ACCOUNTANT, Role.AUDITOR})
_DOING: Final = frozenset({Role.ACCOUNTANT})
_LOOKS: Final = (
    "/v1/receipt-register",
    "/v1/receipt-register/{name}",
    "/v1/number-books",
    "/v1/number-book-files/{name}",
    "/v1/receipt-summaries",
    "/v1/receipt-summary-files/{name}",
    "/v1/receipt-usage",
    "/v1/receipt-downloads/{id}",
    "/v1/receipt-downloads/{id}/parts/{number}",
    "/v1/receipt-downloads/{id}/prints/{number}",
    "/v1/receipt-usage-files/{name}",
)

RECEIPT_REPORT_ROUTES: Final[tuple[Route, ...]] = (
    *(duty("GET", "receipt", path, "receipt.read", roles=_SEEING) for path in _LOOKS),
    duty("POST", "receipt", "/v1/receipt-downloads", "receipt.read", roles=_SEEING),
    duty("POST", "receipt", "/v1/number-books", "receipt.report", roles=_DOING),
    duty("POST", "receipt", "/v1/receipt-summaries", "receipt.report", roles=_DOING),
)
