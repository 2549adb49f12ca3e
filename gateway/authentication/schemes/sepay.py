"""SePay webhook: HMAC-SHA256 over time and raw body, or only a key in the Authorization header."""

import re
from typing import Final

from gateway.authentication.callbacks.reading import mac_hex, require_equal
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.errors import CallbackRefused
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.registration import EvidenceLevel

SIGNATURE: Final = "x-sepay-signature"
TIMESTAMP: Final = "x-sepay-timestamp"
SECONDS: Final = re.compile(r"[0-9]{9,11}")
WINDOW_SECONDS: Final = 300
API_KEY: Final = "Apikey "


def verify(parts: Parts, material: Material) -> Proof:
    """The registration holds a secret or a key; a message never chooses the weaker way."""
    if "webhook_secret" in material.secrets:
        return _verify_signature(parts, material.secrets["webhook_secret"])
    require_equal(parts.one("authorization"), API_KEY + material.secrets["api_key"])
    # The key itself is all that was given, so nothing of it is kept.
    return Proof(base=parts.body, signature="")


def _verify_signature(parts: Parts, secret: str) -> Proof:
    given, stated = parts.one(SIGNATURE), parts.one(TIMESTAMP)
    if not SECONDS.fullmatch(stated):
        raise CallbackRefused(f"{TIMESTAMP} is not a time in seconds")
    if abs(parts.received_at.timestamp() - int(stated)) > WINDOW_SECONDS:
        raise CallbackRefused("it is too old or lies in the future")
    base = stated.encode() + b"." + parts.body
    require_equal(given, "sha256=" + mac_hex(secret, base))
    return Proof(base=base, signature=given, headers={TIMESTAMP: stated})


SCHEME = Scheme(
    name="sepay",
    level=EvidenceLevel.P3,
    places=(Place(Where.HEADER, SIGNATURE), Place(Where.HEADER, "authorization")),
    verify=verify,
    secrets=(("webhook_secret",), ("api_key",)),
)
