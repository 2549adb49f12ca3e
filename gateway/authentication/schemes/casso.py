"""Casso webhook: v2 signs time and sorted JSON by HMAC-SHA512; v1 sends a token in a header."""

import hashlib
import json
import re
from typing import Final

from gateway.authentication.callbacks.reading import encoded, mac_hex, read_object, require_equal
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.errors import CallbackRefused
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.registration import EvidenceLevel

SIGNATURE: Final = "x-casso-signature"
ACCESS_HEADER: Final = "secure-token"
FORM: Final = re.compile(r"t=([0-9]{10,16}),v1=([0-9a-f]{128})")


def verify(parts: Parts, material: Material) -> Proof:
    """The registration holds a v2 key or a v1 token; a message never chooses the weaker way."""
    if "checksum_key" in material.secrets:
        return _verify_signature(parts, material.secrets["checksum_key"])
    require_equal(parts.one(ACCESS_HEADER), material.secrets["secure_token"])
    return Proof(base=parts.body, signature="")


def _verify_signature(parts: Parts, key: str) -> Proof:
    given = parts.one(SIGNATURE)
    matched = FORM.fullmatch(given)
    if matched is None:
        raise CallbackRefused(f"{SIGNATURE} has another form")
    time, code = matched.groups()
    payload = read_object(parts.body)
    plain, escaped = (
        json.dumps(payload, sort_keys=True, ensure_ascii=ascii_only, separators=(",", ":"))
        for ascii_only in (False, True)
    )
    # Node writes JSON plainly; PHP escapes slashes and everything beyond ASCII.
    spellings = (plain, escaped.replace("/", "\\/"))
    bases = [encoded(f"{time}.{spelling}") for spelling in spellings]
    fitting = [base for base in bases if _fits(code, mac_hex(key, base, hashlib.sha512))]
    if not fitting:
        raise CallbackRefused("the signature does not fit")
    return Proof(base=fitting[0], signature=given)


def _fits(given: str, wanted: str) -> bool:
    try:
        require_equal(given, wanted)
    except CallbackRefused:
        return False
    return True


SCHEME = Scheme(
    name="casso",
    level=EvidenceLevel.P3,
    places=(Place(Where.HEADER, SIGNATURE), Place(Where.HEADER, ACCESS_HEADER)),
    verify=verify,
    secrets=(("checksum_key",), ("secure_token",)),
)
