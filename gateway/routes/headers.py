"""Which headers pass the door: few, and by name, in both directions."""

from collections.abc import Iterable, Mapping
from typing import Final

from gateway.domain.machines.errors import DuplicateHeader, HeadersTooLarge

HEADER_BYTES_MAX: Final = 16384
HEADERS_MAX: Final = 100
# Two of these mean two things to two readers; one reader could be our upstream.
SINGLE: Final = frozenset(
    {
        "authorization",
        "content-digest",
        "content-encoding",
        "content-length",
        "content-type",
        "dpop",
        "host",
        "idempotency-key",
        "lephi-client",
        "signature",
        "signature-input",
        "transfer-encoding",
        "x-request-id",
    }
)
# Everything else stays outside: X-Forwarded-*, Forwarded, X-User*, cookies, Authorization.
FORWARDED: Final = frozenset(
    {"accept", "accept-language", "content-type", "idempotency-key", "if-none-match"}
)
ANSWERED: Final = frozenset(
    {
        "allow",
        "cache-control",
        "content-disposition",
        "content-language",
        "content-type",
        "etag",
        "last-modified",
        "location",
        "retry-after",
        "vary",
    }
)
SECURITY: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
# For pages that are whole files of ours: no inline script or style, no other origin, no HTML made
# from text by a script.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
# A page of ours may ask for passkeys, and for the browser's own confirmation of a payment.
PAGE_PERMISSIONS: Final = (
    "camera=(), geolocation=(), microphone=(), payment=(self), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
# Browsers obey it over TLS only, so it is sent only when our public name is https.
TRANSPORT_SECURITY: Final = ("strict-transport-security", "max-age=31536000; includeSubDomains")

RawHeaders = Iterable[tuple[bytes, bytes]]


def read_headers(raw: RawHeaders) -> tuple[tuple[str, str], ...]:
    """Raises for too much, and for a header twice that can only be meant once."""
    given = tuple(raw)
    if len(given) > HEADERS_MAX:
        raise HeadersTooLarge(HEADER_BYTES_MAX)
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t"))
        for name, value in given
    )
    if sum(len(name) + len(value) for name, value in headers) > HEADER_BYTES_MAX:
        raise HeadersTooLarge(HEADER_BYTES_MAX)
    seen: set[str] = set()
    for name, _value in headers:
        if name in SINGLE and name in seen:
            raise DuplicateHeader(name)
        seen.add(name)
    return headers


def forwarded(headers: Iterable[tuple[str, str]], *, request_id: str) -> dict[str, str]:
    passed = {name: value for name, value in headers if name in FORWARDED}
    return {**passed, "x-request-id": request_id}


def security_headers(*, public_origin: str) -> list[tuple[bytes, bytes]]:
    chosen = list(SECURITY.items())
    if public_origin.startswith("https://"):
        chosen.append(TRANSPORT_SECURITY)
    return [(name.encode(), value.encode()) for name, value in chosen]


def page_headers() -> dict[str, str]:
    """For the answer that carries a page; the rest of `SECURITY` joins it at the gate."""
    return {
        "content-security-policy": PAGE_POLICY,
        "permissions-policy": PAGE_PERMISSIONS,
        "cache-control": "no-store",
    }
