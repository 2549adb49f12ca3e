"""The gateway's own routes by topic; what outsiders may reach of them says routes/table.py."""

from typing import Final

from gateway.api.confirming import confirmations
from gateway.api.evidence import bundles
from gateway.api.people import accounts, device_keys, sessions

ROUTERS: Final = (
    accounts.router,
    sessions.router,
    device_keys.router,
    confirmations.router,
    bundles.router,
)
