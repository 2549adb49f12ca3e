"""Who may call this service, on whose behalf, and with which scopes. Nobody else is let in."""

from typing import Final

from chassis.auth import Callers

CALLERS: Final[Callers] = {
    "gateway": {
        "client": frozenset(
            {
                "payment.read",
                "payment.open",
                "payment.pay",
                "payment.manage",
                "payment.refund",
                "provider.notify",
            }
        ),
        "user": frozenset(
            {
                "payment.read",
                "payment.confirm",
                "payment.pay",
                "payment.manage",
                "payment.refund",
                "payment.audit",
                "payment.ledger",
                "payment.handle",
                "payment.counter",
                "payment.settle",
            }
        ),
        "service": frozenset({"payment.read"}),
    },
}
