"""vietqr.vn transaction-sync: a bearer token, which its sender first fetched by name and password.

The token is its time of expiry and a code over it, so nothing of it is stored and any gateway can
check it. It covers no body: whoever holds one may say anything, so the bank is asked (level P3).
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from typing import Final

from gateway.authentication.callbacks.reading import encoded, mac_hex, read_object, require_equal
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.errors import CallbackRefused
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.registration import TOKEN_SECONDS, EvidenceLevel

ACCESS_HEADER: Final = "authorization"
BEARER: Final = re.compile(r"Bearer ([0-9]{9,11})\.([0-9a-f]{128})")
CONTEXT: Final = "lephi-vietqr-token"


def verify(parts: Parts, material: Material) -> Proof:
    given = BEARER.fullmatch(parts.one(ACCESS_HEADER))
    if given is None:
        raise CallbackRefused("the token has another form")
    expires, code = given.groups()
    require_equal(code, _code(expires, material.secrets))
    left = int(expires) - parts.received_at.timestamp()
    if not 0 < left <= TOKEN_SECONDS:
        raise CallbackRefused("the token has expired")
    # No signature was read over these bytes, so nothing else refuses what cannot be written again.
    encoded(json.dumps(read_object(parts.body), ensure_ascii=False))
    # The token itself is all that was given, so nothing of it is kept.
    return Proof(base=parts.body, signature="")


def issue(parts: Parts, material: Material) -> str:
    """A token for whoever knows name and password (RFC 7617), good for five minutes."""
    pair = f"{material.secrets['username']}:{material.secrets['password']}"
    require_equal(parts.one(ACCESS_HEADER), f"Basic {b64encode(pair.encode()).decode()}")
    expires = str(int(parts.received_at.timestamp()) + TOKEN_SECONDS)
    return f"{expires}.{_code(expires, material.secrets)}"


def _code(expires: str, secrets: Mapping[str, str]) -> str:
    """Over name and password as well: changing them ends what was issued by them."""
    said = "\n".join((CONTEXT, expires, secrets["username"], secrets["password"]))
    return mac_hex(secrets["token_secret"], said.encode(), hashlib.sha512)


SCHEME = Scheme(
    name="vietqr",
    level=EvidenceLevel.P3,
    places=(Place(Where.HEADER, ACCESS_HEADER),),
    verify=verify,
    issue=issue,
    secrets=(("token_secret", "username", "password"),),
)
