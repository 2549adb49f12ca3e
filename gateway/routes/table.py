"""The one table of what the outside world can reach. Everything else is 404."""

from dataclasses import replace
from typing import Final

from gateway.domain.evidence.record import EvidenceKind
from gateway.domain.machines.signed_request import SignatureClass
from gateway.domain.people.assurance import Acr
from gateway.domain.people.roles import Role
from gateway.routes.route import OWN, Demand, Link, Route
from gateway.routes.step_up import FRESH_WITHIN

# Who sees what of their agency.
_COUNTER: Final = frozenset({Role.COUNTER_OFFICER, Role.AUDITOR})
_OFFICE: Final = frozenset({Role.COUNTER_OFFICER, Role.ACCOUNTANT, Role.AUDITOR})
_KEY_REVOKERS: Final = (Role.KEY_REGISTRAR, Role.KEY_APPROVER)
_KEY_READERS: Final = (*_KEY_REVOKERS, Role.AUDITOR)
_MONEY: Final = frozenset({*_OFFICE, Role.REFUND_REQUESTER, Role.REFUND_APPROVER})

_LOG_READERS: Final = frozenset({Role.AUDITOR, Role.OPERATOR})


def _public(service: str, path: str) -> Route:
    return Route(method="GET", path=path, service=service, demand=Demand.PUBLIC)


def _own(method: str, path: str, demand: Demand) -> Route:
    return Route(method=method, path=path, service=OWN, demand=demand)


def _for_duty(method: str, path: str, *roles: Role) -> Route:
    return replace(_own(method, path, Demand.SESSION), roles=frozenset(roles))


def _read(service: str, path: str, *scopes: str) -> Route:
    return Route(
        method="GET",
        path=path,
        service=service,
        demand=Demand.SIGNED,
        signature=SignatureClass.READ,
        scopes=frozenset(scopes),
    )


def _read_or_session(
    service: str, path: str, *scopes: str, roles: frozenset[Role] = frozenset()
) -> Route:
    """For a portal's signature or a person's session; with roles, for people on duty only."""
    return Route(
        method="GET",
        path=path,
        service=service,
        demand=Demand.SIGNED_OR_SESSION,
        signature=SignatureClass.READ,
        scopes=frozenset(scopes),
        roles=roles,
    )


def _stepped_up(route: Route, *, fresh: bool = False) -> Route:
    """For a session that a second factor opened; `fresh`: within the last minutes."""
    return replace(route, acr=Acr.MFA, fresh_within=FRESH_WITHIN if fresh else None)


def _write(method: str, service: str, path: str, *scopes: str) -> Route:
    return Route(
        method=method,
        path=path,
        service=service,
        demand=Demand.SIGNED,
        signature=SignatureClass.WRITE,
        scopes=frozenset(scopes),
        evidence=EvidenceKind.CLIENT_REQUEST,
    )


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
    _stepped_up(_own("POST", "/v1/payment-intents/{id}/confirmations", Demand.SESSION)),
    opens_fee=True,
)
# Wallets that send an IPN do so by GET, with everything in the query.
_PROVIDER_NOTIFICATIONS: Final = tuple(
    Route(
        method=method,
        path="/v1/provider-notifications/{provider}",
        service="payment",
        demand=Demand.CALLBACK,
        signature=SignatureClass.CALLBACK,
        scopes=frozenset({"provider.notify"}),
        evidence=EvidenceKind.PROVIDER_NOTIFICATION,
        link=Link.NOTIFICATION,
    )
    for method in ("POST", "GET")
)

ROUTES: Final[tuple[Route, ...]] = (
    _public("catalog", "/v1/agencies"),
    _public("catalog", "/v1/agencies/{code}"),
    _public("catalog", "/v1/procedures"),
    _public("catalog", "/v1/procedures/{code}"),
    _public("catalog", "/v1/procedures/{code}/fees"),
    _public("catalog", "/v1/payment-methods"),
    _DOSSIER_SUBMISSION,
    _read_or_session("dossier", "/v1/dossiers", "dossier.read", roles=_OFFICE),
    _read_or_session("dossier", "/v1/dossiers/{id}", "dossier.read", roles=_OFFICE),
    _read_or_session("dossier", "/v1/dossiers/{id}/slip.pdf", "dossier.read", roles=_COUNTER),
    _public("dossier", "/v1/fee-quotes"),
    *_PROVIDER_NOTIFICATIONS,
    _read_or_session("payment", "/v1/payment-intents", "payment.read", roles=_MONEY),
    _read_or_session("payment", "/v1/payment-intents/{id}", "payment.read"),
    _read_or_session("payment", "/v1/discrepancies", "payment.read", roles=_MONEY),
    _read_or_session("receipt", "/v1/receipts", "receipt.read", roles=_OFFICE),
    _read_or_session("receipt", "/v1/receipts/{id}", "receipt.read", roles=_OFFICE),
    _read_or_session("receipt", "/v1/receipts/{id}/xml", "receipt.read", roles=_OFFICE),
    _read_or_session("receipt", "/v1/receipts/{id}/pdf", "receipt.read", roles=_OFFICE),
    _public("receipt", "/v1/receipt-lookups"),
    _public("receipt", "/v1/receipt-lookups/{lookup_code}/xml"),
    _public("receipt", "/v1/receipt-lookups/{lookup_code}/pdf"),
    _write("POST", "notification", "/v1/webhook-endpoints", "webhook.manage"),
    _read("notification", "/v1/webhook-endpoints", "webhook.manage"),
    _read("notification", "/v1/webhook-endpoints/{id}", "webhook.manage"),
    _write("DELETE", "notification", "/v1/webhook-endpoints/{id}", "webhook.manage"),
    _read("notification", "/v1/webhook-deliveries", "webhook.manage"),
    _write("POST", "notification", "/v1/webhook-deliveries/{id}/retry", "webhook.manage"),
    _own("POST", "/v1/accounts", Demand.PUBLIC),
    _own("POST", "/v1/accounts/{id}/totp-activations", Demand.PUBLIC),
    _own("POST", "/v1/sessions", Demand.PUBLIC),
    _own("GET", "/v1/sessions", Demand.SESSION),
    _own("DELETE", "/v1/sessions", Demand.SESSION),
    _own("GET", "/v1/sessions/current", Demand.SESSION),
    _own("DELETE", "/v1/sessions/current", Demand.SESSION),
    _own("POST", "/v1/sessions/current/rotation", Demand.SESSION),
    _own("DELETE", "/v1/sessions/{id}", Demand.SESSION),
    _stepped_up(_own("POST", "/v1/accounts/current/totp", Demand.SESSION), fresh=True),
    _stepped_up(_own("POST", "/v1/accounts/current/totp-activations", Demand.SESSION)),
    _stepped_up(_own("POST", "/v1/recovery-codes", Demand.SESSION)),
    _stepped_up(_own("POST", "/v1/passkey-registrations", Demand.SESSION)),
    _stepped_up(_own("POST", "/v1/passkeys", Demand.SESSION)),
    _own("GET", "/v1/passkeys", Demand.SESSION),
    _stepped_up(_own("DELETE", "/v1/passkeys/{id}", Demand.SESSION), fresh=True),
    _own("GET", "/v1/federations", Demand.PUBLIC),
    _own("GET", "/v1/federations/{name}/login", Demand.PUBLIC),
    _own("GET", "/v1/federations/{name}/callback", Demand.PUBLIC),
    _stepped_up(_own("POST", "/v1/federations/{name}/links", Demand.SESSION), fresh=True),
    _own("POST", "/v1/passkey-logins", Demand.PUBLIC),
    _own("POST", "/v1/passkey-sessions", Demand.PUBLIC),
    _own("POST", "/v1/device-key-challenges", Demand.SESSION),
    _own("POST", "/v1/device-keys", Demand.SESSION),
    _CONFIRMATION_OPENING,
    _stepped_up(_own("POST", "/v1/confirmations/{id}/passkey-options", Demand.SESSION)),
    _stepped_up(_own("POST", "/v1/confirmations/{id}/proof", Demand.SESSION)),
    _stepped_up(_own("POST", "/v1/certificate-challenges", Demand.SESSION)),
    _stepped_up(_own("POST", "/v1/certificates", Demand.SESSION)),
    _own("GET", "/v1/certificates", Demand.SESSION),
    _stepped_up(_own("DELETE", "/v1/certificates/{id}", Demand.SESSION)),
    _stepped_up(_for_duty("POST", "/v1/grants", Role.GRANTER), fresh=True),
    _stepped_up(_for_duty("GET", "/v1/grants", Role.GRANTER, Role.AUDITOR)),
    _stepped_up(_for_duty("DELETE", "/v1/grants/{id}", Role.GRANTER), fresh=True),
    _stepped_up(
        _read_or_session(
            OWN,
            "/v1/payment-intents/{id}/evidence",
            "evidence.read",
            roles=frozenset({Role.AUDITOR}),
        )
    ),
    _own("GET", "/v1/status", Demand.PUBLIC),
    _stepped_up(_for_duty("POST", "/v1/maintenance-windows", Role.OPERATOR)),
    _for_duty("GET", "/v1/maintenance-windows", Role.OPERATOR, Role.AUDITOR),
    _stepped_up(_for_duty("POST", "/v1/maintenance-windows/{id}/end", Role.OPERATOR)),
    _stepped_up(_for_duty("DELETE", "/v1/maintenance-windows/{id}", Role.OPERATOR)),
    _own("GET", "/v1/audit/checkpoint", Demand.PUBLIC),
    _own("GET", "/v1/audit/consistency", Demand.PUBLIC),
    _read_or_session(OWN, "/v1/audit/checkpoints", "audit.read", roles=_LOG_READERS),
    _for_duty("GET", "/v1/audit/entries", *_LOG_READERS),
    _for_duty("GET", "/v1/audit/entries/{index}/inclusion", *_LOG_READERS),
    _stepped_up(_for_duty("POST", "/v1/clients", Role.KEY_REGISTRAR)),
    _for_duty("GET", "/v1/clients", *_KEY_READERS),
    _for_duty("GET", "/v1/clients/{id}", *_KEY_READERS),
    _stepped_up(_for_duty("POST", "/v1/clients/{id}/key-challenges", Role.KEY_REGISTRAR)),
    _stepped_up(_for_duty("POST", "/v1/clients/{id}/keys", Role.KEY_REGISTRAR)),
    _stepped_up(
        _for_duty("POST", "/v1/client-keys/{key_id}/approval", Role.KEY_APPROVER), fresh=True
    ),
    _stepped_up(_for_duty("POST", "/v1/client-keys/{key_id}/retirement", Role.KEY_REGISTRAR)),
    _stepped_up(
        _for_duty("POST", "/v1/client-keys/{key_id}/revocation", *_KEY_REVOKERS), fresh=True
    ),
    _for_duty("GET", "/v1/client-keys/{key_id}/history", *_KEY_READERS),
    _own("GET", "/.well-known/jwks.json", Demand.PUBLIC),
    _own("POST", "/oauth2/token", Demand.PUBLIC),
    _own("GET", "/.well-known/oauth-authorization-server", Demand.PUBLIC),
    _own("GET", "/openapi.json", Demand.PUBLIC),
    _own("GET", "/docs", Demand.PUBLIC),
    _own("GET", "/docs/how-to-sign", Demand.PUBLIC),
    _own("GET", "/docs/assets/{file}", Demand.PUBLIC),
    # A page sends whoever is not signed in to /sign-in; what it fetches refuses like an API.
    _own("GET", "/sign-in", Demand.PUBLIC),
    _own("GET", "/sign-up", Demand.PUBLIC),
    _own("GET", "/account", Demand.PUBLIC),
    _own("GET", "/pay/{id}", Demand.PUBLIC),
    _stepped_up(_own("GET", "/pay/{id}/state", Demand.SESSION)),
    _stepped_up(_own("GET", "/pay/{id}/qr.svg", Demand.SESSION)),
    _stepped_up(_own("GET", "/pay/{id}/qr.png", Demand.SESSION)),
    _own("POST", "/pages/qr", Demand.PUBLIC),
    _own("GET", "/pages/assets/{file}", Demand.PUBLIC),
    _own("GET", "/health/live", Demand.PUBLIC),
    _own("GET", "/health/ready", Demand.PUBLIC),
)
METRICS_ROUTE: Final = _own("GET", "/metrics", Demand.PUBLIC)
