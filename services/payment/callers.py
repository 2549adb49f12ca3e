"""Who may call this service, on whose behalf, and with which scopes. Nobody else is let in."""

from typing import Final

from chassis.auth import Callers

CALLERS: Final[Callers] = {
    "gateway": {
        "client": frozenset({"payment.read", "payment.refund", "provider.notify"}),
        "user": frozenset({"payment.read", "payment.refund", "payment.confirm", "payment.audit"}),
        "service": frozenset({"payment.read"}),
    },
}
