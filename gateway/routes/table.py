"""The one table of what the outside world can reach. Everything else is 404."""

from dataclasses import replace
from typing import Final

from gateway.domain.evidence.record import EvidenceKind
from gateway.domain.machines.signed_request import SignatureClass
from gateway.domain.people.roles import Role
from gateway.routes.checks import CHECK_ROUTES
from gateway.routes.demands import (
    duty,
    for_duty,
    own,
    public,
    read,
    read_or_session,
    stepped_up,
    write,
)
from gateway.routes.keeping import KEEPING_ROUTES
from gateway.routes.money import MONEY_ROUTES
from gateway.routes.outside_issuers import OUTSIDE_ISSUER_ROUTES
from gateway.routes.receipt_amendments import RECEIPT_AMENDMENT_ROUTES
from gateway.routes.receipt_reports import RECEIPT_REPORT_ROUTES
from gateway.routes.receipt_series import RECEIPT_SERIES_ROUTES
from gateway.routes.route import OWN, Demand, Link, Route

# Who sees what of their agency.
_COUNTER: Final = frozenset({Role.COUNTER_OFFICER, Role.AUDITOR})
_OFFICE: Final = frozenset({Role.COUNTER_OFFICER, Role.ACCOUNTANT, Role.AUDITOR})
_KEY_REVOKERS: Final = (Role.KEY_REGISTRAR, Role.KEY_APPROVER)
_KEY_READERS: Final = (*_KEY_REVOKERS, Role.AUDITOR)

PROVIDER_TOKENS: Final = "/v1/provider-notifications/{provider}/api/token_generate"
_LOG_READERS: Final = frozenset({Role.AUDITOR, Role.OPERATOR})


_DOSSIER_SUBMISSION: Final = Route(
    method="POST",
    path="/v1/dossiers",
    service="dossier",
    demand=Demand.SIGNED,
    signature=SignatureClass.WRITE,
    scopes=frozenset({"dossier.submit"}),
    evidence=EvidenceKind.DOSSIER_SUBMISSION,
    link=Link.DOSSIER,
    opens_fee=True,
)
_CONFIRMATION_OPENING: Final = replace(
    stepped_up(own("POST", "/v1/payment-intents/{id}/confirmations", Demand.SESSION)),
    opens_fee=True,
)
ROUTES: Final[tuple[Route, ...]] = (
    public("catalog", "/v1/agencies"),
    public("catalog", "/v1/agencies/{code}"),
    public("catalog", "/v1/procedures"),
    public("catalog", "/v1/procedures/{code}"),
    public("catalog", "/v1/procedures/{code}/fees"),
    public("catalog", "/v1/payment-methods"),
    _DOSSIER_SUBMISSION,
    read_or_session("dossier", "/v1/dossiers", "dossier.read", roles=_OFFICE),
    read_or_session("dossier", "/v1/dossiers/{id}", "dossier.read", roles=_OFFICE),
    read_or_session("dossier", "/v1/dossiers/{id}/slip.pdf", "dossier.read", roles=_COUNTER),
    public("dossier", "/v1/fee-quotes"),
    *MONEY_ROUTES,
    read_or_session("receipt", "/v1/receipts", "receipt.read", roles=_OFFICE),
    read_or_session("receipt", "/v1/receipts/{id}", "receipt.read", roles=_OFFICE),
    read_or_session("receipt", "/v1/receipts/{id}/xml", "receipt.read", roles=_OFFICE),
    read_or_session("receipt", "/v1/receipts/{id}/pdf", "receipt.read", roles=_OFFICE),
    *CHECK_ROUTES,
    *OUTSIDE_ISSUER_ROUTES,
    *RECEIPT_REPORT_ROUTES,
    *RECEIPT_SERIES_ROUTES,
    *RECEIPT_AMENDMENT_ROUTES,
    *KEEPING_ROUTES,
    write("POST", "notification", "/v1/webhook-endpoints", "webhook.manage"),
    read("notification", "/v1/webhook-endpoints", "webhook.manage"),
    read("notification", "/v1/webhook-endpoints/{id}", "webhook.manage"),
    write("DELETE", "notification", "/v1/webhook-endpoints/{id}", "webhook.manage"),
    read("notification", "/v1/webhook-deliveries", "webhook.manage"),
    write("POST", "notification", "/v1/webhook-deliveries/{id}/retry", "webhook.manage"),
    duty(
        "GET",
        "notification",
        "/v1/undelivered-receipts",
        "message.read",
        roles=frozenset({Role.OPERATOR, Role.AUDITOR}),
    ),
    own("POST", "/v1/accounts", Demand.PUBLIC),
    own("POST", "/v1/accounts/{id}/totp-activations", Demand.PUBLIC),
    own("POST", "/v1/sessions", Demand.PUBLIC),
    own("GET", "/v1/sessions", Demand.SESSION),
    own("DELETE", "/v1/sessions", Demand.SESSION),
    own("GET", "/v1/sessions/current", Demand.SESSION),
    own("DELETE", "/v1/sessions/current", Demand.SESSION),
    own("POST", "/v1/sessions/current/rotation", Demand.SESSION),
    own("DELETE", "/v1/sessions/{id}", Demand.SESSION),
    stepped_up(own("POST", "/v1/accounts/current/totp", Demand.SESSION), fresh=True),
    stepped_up(own("POST", "/v1/accounts/current/totp-activations", Demand.SESSION)),
    stepped_up(own("POST", "/v1/recovery-codes", Demand.SESSION)),
    stepped_up(own("POST", "/v1/passkey-registrations", Demand.SESSION)),
    stepped_up(own("POST", "/v1/passkeys", Demand.SESSION)),
    own("GET", "/v1/passkeys", Demand.SESSION),
    stepped_up(own("DELETE", "/v1/passkeys/{id}", Demand.SESSION), fresh=True),
    own("GET", "/v1/federations", Demand.PUBLIC),
    own("GET", "/v1/federations/{name}/login", Demand.PUBLIC),
    own("GET", "/v1/federations/{name}/callback", Demand.PUBLIC),
    stepped_up(own("POST", "/v1/federations/{name}/links", Demand.SESSION), fresh=True),
    own("POST", "/v1/passkey-logins", Demand.PUBLIC),
    own("POST", "/v1/passkey-sessions", Demand.PUBLIC),
    own("POST", "/v1/device-key-challenges", Demand.SESSION),
    own("POST", "/v1/device-keys", Demand.SESSION),
    _CONFIRMATION_OPENING,
    stepped_up(own("POST", "/v1/confirmations/{id}/passkey-options", Demand.SESSION)),
    stepped_up(own("POST", "/v1/confirmations/{id}/proof", Demand.SESSION)),
    stepped_up(own("POST", "/v1/certificate-challenges", Demand.SESSION)),
    stepped_up(own("POST", "/v1/certificates", Demand.SESSION)),
    own("GET", "/v1/certificates", Demand.SESSION),
    stepped_up(own("DELETE", "/v1/certificates/{id}", Demand.SESSION)),
    stepped_up(for_duty("POST", "/v1/grants", Role.GRANTER), fresh=True),
    stepped_up(for_duty("GET", "/v1/grants", Role.GRANTER, Role.AUDITOR)),
    stepped_up(for_duty("DELETE", "/v1/grants/{id}", Role.GRANTER), fresh=True),
    stepped_up(
        read_or_session(
            OWN,
            "/v1/payment-intents/{id}/evidence",
            "evidence.read",
            roles=frozenset({Role.AUDITOR}),
        )
    ),
    own("GET", "/v1/status", Demand.PUBLIC),
    stepped_up(for_duty("POST", "/v1/maintenance-windows", Role.OPERATOR)),
    for_duty("GET", "/v1/maintenance-windows", Role.OPERATOR, Role.AUDITOR),
    stepped_up(for_duty("POST", "/v1/maintenance-windows/{id}/end", Role.OPERATOR)),
    stepped_up(for_duty("DELETE", "/v1/maintenance-windows/{id}", Role.OPERATOR)),
    own("GET", "/v1/audit/checkpoint", Demand.PUBLIC),
    own("GET", "/v1/audit/consistency", Demand.PUBLIC),
    read_or_session(OWN, "/v1/audit/checkpoints", "audit.read", roles=_LOG_READERS),
    for_duty("GET", "/v1/audit/entries", *_LOG_READERS),
    for_duty("GET", "/v1/audit/entries/{index}/inclusion", *_LOG_READERS),
    stepped_up(for_duty("POST", "/v1/clients", Role.KEY_REGISTRAR)),
    for_duty("GET", "/v1/clients", *_KEY_READERS),
    for_duty("GET", "/v1/clients/{id}", *_KEY_READERS),
    stepped_up(for_duty("POST", "/v1/clients/{id}/key-challenges", Role.KEY_REGISTRAR)),
    stepped_up(for_duty("POST", "/v1/clients/{id}/keys", Role.KEY_REGISTRAR)),
    stepped_up(
        for_duty("POST", "/v1/client-keys/{key_id}/approval", Role.KEY_APPROVER), fresh=True
    ),
    stepped_up(for_duty("POST", "/v1/client-keys/{key_id}/retirement", Role.KEY_REGISTRAR)),
    stepped_up(for_duty("POST", "/v1/client-keys/{key_id}/revocation", *_KEY_REVOKERS), fresh=True),
    for_duty("GET", "/v1/client-keys/{key_id}/history", *_KEY_READERS),
    own("GET", "/.well-known/jwks.json", Demand.PUBLIC),
    own("POST", "/oauth2/token", Demand.PUBLIC),
    # Opened by a name and a password; and, as its notices, from the provider's networks alone.
    own("POST", PROVIDER_TOKENS, Demand.PUBLIC),
    own("GET", "/.well-known/oauth-authorization-server", Demand.PUBLIC),
    own("GET", "/openapi.json", Demand.PUBLIC),
    own("GET", "/docs", Demand.PUBLIC),
    own("GET", "/docs/how-to-sign", Demand.PUBLIC),
    own("GET", "/docs/assets/{file}", Demand.PUBLIC),
    # A page sends whoever is not signed in to /sign-in; what it fetches refuses like an API.
    own("GET", "/sign-in", Demand.PUBLIC),
    own("GET", "/sign-up", Demand.PUBLIC),
    own("GET", "/account", Demand.PUBLIC),
    own("GET", "/pay/{id}", Demand.PUBLIC),
    stepped_up(own("GET", "/pay/{id}/state", Demand.SESSION)),
    stepped_up(own("GET", "/pay/{id}/qr.svg", Demand.SESSION)),
    stepped_up(own("GET", "/pay/{id}/qr.png", Demand.SESSION)),
    own("POST", "/pages/qr", Demand.PUBLIC),
    own("GET", "/pages/assets/{file}", Demand.PUBLIC),
    own("GET", "/health/live", Demand.PUBLIC),
    own("GET", "/health/ready", Demand.PUBLIC),
)
METRICS_ROUTE: Final = own("GET", "/metrics", Demand.PUBLIC)
