"""The gateway's own routes by topic; what outsiders may reach of them says routes/table.py."""

from typing import Final

from gateway.api.audit import audit
from gateway.api.confirming import certificates, confirmations
from gateway.api.evidence import bundles
from gateway.api.machines import client_keys, clients, provider_tokens, tokens
from gateway.api.maintenance import status, windows
from gateway.api.people import accounts, device_keys, federations, grants, passkeys, sessions

ROUTERS: Final = (
    accounts.router,
    accounts.recovery_router,
    passkeys.router,
    federations.router,
    sessions.router,
    device_keys.router,
    grants.router,
    confirmations.router,
    certificates.router,
    bundles.router,
    clients.router,
    client_keys.router,
    tokens.router,
    provider_tokens.router,
    audit.router,
    status.router,
    windows.router,
)
