"""Who may call this service, on whose behalf, and with which scopes. Nobody else is let in."""

from typing import Final

from chassis.auth import Callers

CALLERS: Final[Callers] = {
    "gateway": {
        "client": frozenset({"receipt.read"}),
        "user": frozenset(
            {
                "receipt.read",
                "receipt.outside",
                "receipt.report",
                "receipt.series",
                "receipt.amend",
                "receipt.keep",
            }
        ),
        "service": frozenset({"receipt.read"}),
        "public": frozenset(),
    },
    # Fetches the documents that it encloses in its letters.
    "notification": {"service": frozenset({"receipt.read"})},
}
