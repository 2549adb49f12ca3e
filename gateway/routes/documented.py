"""What the API's document says of a route, made from the route itself: nothing is typed twice."""

from typing import Any, Final

from chassis.message_signatures import LABEL, PARAMETERS, RESPONSE_TAG, SHAPES
from chassis.message_signatures.shapes import SPLIT_TARGET, TARGET
from gateway.pages.body_examples import BODY_EXAMPLES
from gateway.pages.openapi import Documented
from gateway.routes.refusals import OF_THE_FRONT, refusals_of
from gateway.routes.route import Route
from gateway.routes.security_schemes import SIGNATURE, TOKEN_PATH, security_of
from gateway.routes.session_tokens import OPENED_BY_RECOVERY
from gateway.routes.signed_answers import SIGNED_CLASSES
from gateway.routes.token_door import opens_by_token

Json = dict[str, Any]

# Said by the layers around the door, which hold no key; some come from either side of it.
FROM_EITHER_SIDE: Final = frozenset({429, 503})
UNSIGNED: Final = OF_THE_FRONT.keys() - FROM_EITHER_SIDE
PROOF: Final = ("Signature", "Signature-Input", "Content-Digest")
NONCE: Final = "DPoP-Nonce"
HEADERS: Final[Json] = {
    name: {"description": description, "schema": {"type": "string"}}
    for name, description in {
        "Signature": f"`{LABEL}=:…:`, the gateway's signature over this very answer.",
        "Signature-Input": (
            f"What is signed, tag `{RESPONSE_TAG}`: `@status`, `content-digest`, `content-type`, "
            "and of the request `@method`, `@target-uri`, `content-digest`, `signature`. The key "
            "is at `/.well-known/jwks.json`."
        ),
        "Content-Digest": "RFC 9530, of this answer's body.",
        NONCE: "For the next DPoP proof (RFC 9449 section 8).",
        "WWW-Authenticate": (
            "What would do instead; of a session that is too weak `acr_values` and `max_age` "
            "(RFC 9470)."
        ),
        "Retry-After": "Seconds.",
        "RateLimit": "Of the limit that was reached: `r` left, full again after `t` seconds.",
        "RateLimit-Policy": "Of the limit that was reached: quota `q`, window `w` in seconds.",
    }.items()
}
IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "description": "Chosen by the caller and signed; repeating the request with it is safe.",
    "example": "order-2026-0001",
}


def documented(route: Route) -> Documented:
    return Documented(
        security=security_of(route),
        extensions=_extensions(route),
        parameters=_parameters(route),
        body_example=BODY_EXAMPLES.get((route.method, route.path)),
        refusals=refusals_of(route),
        proof=PROOF if route.signature in SIGNED_CLASSES else (),
        unsigned=frozenset(UNSIGNED),
        perhaps_unsigned=FROM_EITHER_SIDE,
        headers=_headers(route),
    )


def _extensions(route: Route) -> Json:
    said: Json = {}
    if route.signature is not None and any(SIGNATURE in way for way in security_of(route)):
        said["x-lephi-signature"] = _signature(route.signature.value.tag)
    if route.signature in SIGNED_CLASSES:
        said["x-lephi-signed-answer"] = {"label": LABEL, "tag": RESPONSE_TAG}
    if route.roles:
        said["x-lephi-roles"] = sorted(role.value for role in route.roles)
    if route.acr is not None:
        said["x-lephi-acr"] = route.acr.value
        said["x-lephi-after-recovery"] = (route.method, route.path) in OPENED_BY_RECOVERY
    if route.fresh_within is not None:
        said["x-lephi-fresh-within-seconds"] = int(route.fresh_within.total_seconds())
    if route.opens_fee:
        said["x-lephi-opens-fee"] = True
    return said


def _signature(tag: str) -> Json:
    shape = SHAPES[tag]
    said: Json = {
        "label": LABEL,
        "tag": tag,
        "components": list(shape.components),
        "parameters": sorted(PARAMETERS),
        "instead": {TARGET: list(SPLIT_TARGET)},
    }
    if shape.when_present:
        said["when-present"] = list(shape.when_present)
    return said


def _parameters(route: Route) -> list[Json]:
    if route.signature is None:
        return []
    covered = SHAPES[route.signature.value.tag].components
    return [IDEMPOTENCY_KEY] if IDEMPOTENCY_KEY["name"].lower() in covered else []


def _headers(route: Route) -> dict[int, tuple[str, ...]]:
    said: dict[int, tuple[str, ...]] = {
        401: ("WWW-Authenticate",),
        429: ("Retry-After", "RateLimit", "RateLimit-Policy"),
        503: ("Retry-After",),
    }
    if opens_by_token(route):
        said[401] = (*said[401], NONCE)
    if route.path == TOKEN_PATH:
        said |= {200: (NONCE,), 400: (NONCE,), 401: ()}
    return said
