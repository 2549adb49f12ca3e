"""Who may call this service, on whose behalf, and with which scopes. Nobody else is let in."""

from typing import Final

from chassis.auth import Callers

CALLERS: Final[Callers] = {
    "gateway": {
        "client": frozenset({"dossier.submit", "dossier.read"}),
        "user": frozenset({"dossier.read"}),
        "service": frozenset({"dossier.read"}),
        "public": frozenset(),
    },
}
