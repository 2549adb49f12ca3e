"""Who may come in, in OpenAPI's words: the schemes, and which of them each route takes."""

from collections.abc import Iterator
from typing import Any, Final

from chassis.message_signatures import (
    AGE_SECONDS_MAX,
    AHEAD_SECONDS_MAX,
    LABEL,
    PARAMETERS,
    SHAPES,
    WINDOW_SECONDS_MAX,
)
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.authentication.schemes import SCHEMES
from gateway.domain.machines.access_token import TOKEN_LIFETIME, TOKEN_SCOPES
from gateway.domain.machines.client import ClientClass
from gateway.domain.people.account import SESSION_COOKIE
from gateway.routes.doors import MESSAGE_SIGNATURES
from gateway.routes.route import Demand, Route
from gateway.routes.session_tokens import CSRF_HEADER, SAFE
from gateway.routes.token_door import opens_by_token

Json = dict[str, Any]
Security = list[dict[str, list[str]]]

SIGNATURE: Final = "messageSignature"
TOKEN: Final = "accessToken"  # noqa: S105
SENDER_PROOF: Final = "dpopProof"
CERTIFICATE: Final = "clientCertificate"
SESSION: Final = "session"
COOKIE: Final = "sessionCookie"
CSRF: Final = "csrfToken"
TOKEN_PATH: Final = "/oauth2/token"  # noqa: S105


def security_schemes(*, origin: str) -> Json:
    """Every way in. Some come in pairs, as a token with its proof or a cookie with its token."""
    minutes = int(TOKEN_LIFETIME.total_seconds()) // 60
    return {
        SIGNATURE: {"type": "http", "scheme": "signature", "description": _of_signatures()},
        TOKEN: {
            "type": "oauth2",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": f"{origin.rstrip('/')}{TOKEN_PATH}",
                    "scopes": {
                        scope: f"Look-ups that ask for `{scope}`."
                        for scope in sorted(TOKEN_SCOPES[ClientClass.PORTAL])
                    },
                }
            },
            "description": (
                f"For look-ups by portals, {minutes} minutes, never for a write. Bound to its "
                "sender: `Authorization: DPoP …` with a proof in each request, or `Bearer …` over "
                "mutual TLS. Asked for with `private_key_jwt` by the registered key."
            ),
        },
        SENDER_PROOF: {
            "type": "apiKey",
            "in": "header",
            "name": "DPoP",
            "description": (
                "RFC 9449: a JWT by the key the token is bound to, with `htm`, `htu`, `ath`, "
                "`iat`, `jti` and the `nonce` of our last `DPoP-Nonce`."
            ),
        },
        CERTIFICATE: {
            "type": "mutualTLS",
            "description": "RFC 8705, where the deployment's TLS terminator asks for certificates.",
        },
        SESSION: {
            "type": "http",
            "scheme": "bearer",
            "description": "A person's session: the token of `POST /v1/sessions` and its like.",
        },
        COOKIE: {
            "type": "apiKey",
            "in": "cookie",
            "name": SESSION_COOKIE,
            "description": "The same session, for our own pages (`?cookie=true` at the sign-in).",
        },
        CSRF: {
            "type": "apiKey",
            "in": "header",
            "name": CSRF_HEADER,
            "description": (
                "The sign-in's `csrf_token`, beside the cookie, with `Origin` or `Sec-Fetch-Site` "
                "of our own page."
            ),
        },
        **{name: _of_provider(scheme, place) for name, scheme, place in _providers()},
    }


def security_of(route: Route) -> Security:
    """Alternatives; empty: everybody."""
    ways: Security = []
    if route.demand is Demand.CALLBACK:
        return _of_callbacks(route.method)
    if route.demand in (Demand.SIGNED, Demand.SIGNED_OR_SESSION):
        ways.append({SIGNATURE: []})
        if opens_by_token(route):
            scopes = sorted(route.scopes)
            ways += [{TOKEN: scopes, SENDER_PROOF: []}, {TOKEN: scopes, CERTIFICATE: []}]
    if route.demand in (Demand.SESSION, Demand.SIGNED_OR_SESSION):
        by_cookie: dict[str, list[str]] = {COOKIE: []}
        if route.method not in SAFE:
            by_cookie[CSRF] = []
        ways += [{SESSION: []}, by_cookie]
    return ways


def _of_callbacks(method: str) -> Security:
    ways: Security = []
    if SCHEMES[MESSAGE_SIGNATURES].method == method:
        ways.append({SIGNATURE: []})
    return ways + [{name: []} for name, scheme, _place in _providers() if scheme.method == method]


def _providers() -> Iterator[tuple[str, Scheme, Place]]:
    for scheme in SCHEMES.values():
        if scheme.name == MESSAGE_SIGNATURES:
            continue
        alone = len(scheme.places) == 1
        for place in scheme.places:
            yield f"provider.{scheme.name}" + ("" if alone else f".{place.name}"), scheme, place


def _of_provider(scheme: Scheme, place: Place) -> Json:
    described = (
        f"Only for the provider registered for `{scheme.name}` (evidence level {scheme.level}): "
        f"its own proof in the {place.where} as `{place.name}`."
    )
    if place.where is not Where.BODY:
        return {
            "type": "apiKey",
            "in": place.where.value,
            "name": place.name,
            "description": described,
        }
    # OpenAPI knows no proof within the body; the extensions say where it stands.
    return {
        "type": "http",
        "scheme": "body-signature",
        "description": described,
        "x-lephi-in": place.where.value,
        "x-lephi-name": place.name,
    }


def _of_signatures() -> str:
    tags = "; ".join(
        f"`{shape.tag}` over {' '.join(f'`{name}`' for name in shape.components)}"
        for shape in SHAPES.values()
    )
    return (
        "HTTP Message Signatures (RFC 9421) with a registered key, in `Signature` and "
        f"`Signature-Input`, labelled `{LABEL}`; beside them `lephi-client` and, with a body, "
        f"`Content-Digest` (RFC 9530). The tag names exactly what is covered: {tags}. Parameters: "
        f"{', '.join(f'`{name}`' for name in sorted(PARAMETERS))}; `created` at most "
        f"{AGE_SECONDS_MAX} s ago and {AHEAD_SECONDS_MAX} s ahead, `expires` at most "
        f"{WINDOW_SECONDS_MAX} s later, a `nonce` never used before. "
        "Worked through byte by byte: [how to sign](/docs/how-to-sign)."
    )
