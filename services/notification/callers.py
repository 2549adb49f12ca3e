"""Who may call this service, on whose behalf, and with which scopes. Nobody else is let in."""

from typing import Final

from chassis.auth import Callers

CALLERS: Final[Callers] = {
    "gateway": {
        "client": frozenset({"webhook.manage"}),
        "user": frozenset({"message.read"}),
    },
}
