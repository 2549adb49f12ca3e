"""PayOS webhook: HMAC-SHA256 over the sorted pairs of `data`, values as they are."""

import json
import re
from typing import Any, Final

from gateway.authentication.callbacks.reading import (
    encoded,
    given_text,
    joined_as_pairs,
    mac_hex,
    read_object,
    require_equal,
)
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.errors import CallbackMalformed
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.registration import EvidenceLevel

SIGNATURE: Final = "signature"
SIGNED: Final = "data"
NAME: Final = re.compile(r"[A-Za-z0-9_]{1,64}")


def verify(parts: Parts, material: Material) -> Proof:
    said = read_object(parts.body)
    data = said.get(SIGNED)
    if not isinstance(data, dict) or not data:
        raise CallbackMalformed(f"{SIGNED} is not an object")
    if not all(NAME.fullmatch(name) for name in data):
        raise CallbackMalformed("a name holds more than letters and digits")
    base = encoded(joined_as_pairs((name, _text(data[name])) for name in sorted(data)))
    given = given_text(said, SIGNATURE)
    require_equal(given, mac_hex(material.secrets["checksum_key"], base))
    return Proof(base=base, signature=given)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


SCHEME = Scheme(
    name="payos",
    level=EvidenceLevel.P3,
    places=(Place(Where.BODY, SIGNATURE),),
    verify=verify,
    secrets=(("checksum_key",),),
)
