"""What anybody may ask about a receipt, with or without an account."""

from dataclasses import replace
from typing import Final

from gateway.routes.demands import own, public
from gateway.routes.route import Demand, Route

# As the receipt service takes it, and a form around it.
FILE_BYTES_MAX: Final = 1_000_000
FORM_BYTES_MAX: Final = FILE_BYTES_MAX + 4_000
LOOKUPS: Final = "/v1/receipt-lookups"


def _guessed(path: str, method: str = "GET") -> Route:
    return replace(public("receipt", path), method=method, guessable=True)


CHECK_ROUTES: Final[tuple[Route, ...]] = (
    _guessed(LOOKUPS),
    _guessed(LOOKUPS, "POST"),
    _guessed(f"{LOOKUPS}/{{lookup_code}}/xml"),
    _guessed(f"{LOOKUPS}/{{lookup_code}}/pdf"),
    replace(
        public("receipt", "/v1/receipt-checks"),
        method="POST",
        judges_file=True,
        upload_bytes_max=FILE_BYTES_MAX,
    ),
    # The page counts misses itself, so that it can say so as a page.
    own("GET", "/tra-cuu-bien-lai", Demand.PUBLIC),
    own("POST", "/tra-cuu-bien-lai", Demand.PUBLIC),
    replace(own("POST", "/tra-cuu-bien-lai/tep", Demand.PUBLIC), upload_bytes_max=FORM_BYTES_MAX),
    own("GET", "/.well-known/receipt-anchors.json", Demand.PUBLIC),
)
