"""Where an agency's receipt numbers come from, for whoever keeps its books."""

from typing import Final

from gateway.domain.people.roles import Role
from gateway.routes.demands import duty
from gateway.routes.route import Route

_SEEING: Final = frozenset({Role.ACCOUNTANT, Role.AUDITOR})
_DOING: Final = frozenset({Role.ACCOUNTANT})
_LOOKS: Final = (
    "/v1/receipt-series",
    "/v1/receipt-series-files/{name}",
    "/v1/series-registrations",
    "/v1/series-registrations/{id}/xml",
    "/v1/issue-delegations",
)
_DEEDS: Final = (
    "/v1/receipt-series",
    "/v1/receipt-series/opening",
    "/v1/receipt-series/closing",
    "/v1/series-registrations",
    "/v1/series-registrations/{id}/submission",
    "/v1/series-registrations/{id}/answer",
    "/v1/issue-delegations",
    "/v1/issue-delegations/{id}/end",
)

RECEIPT_SERIES_ROUTES: Final[tuple[Route, ...]] = (
    *(duty("GET", "receipt", path, "receipt.read", roles=_SEEING) for path in _LOOKS),
    *(duty("POST", "receipt", path, "receipt.series", roles=_DOING) for path in _DEEDS),
)
