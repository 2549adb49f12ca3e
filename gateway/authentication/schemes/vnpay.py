"""VNPAY 2.1.0 IPN: a GET whose query is signed by HMAC-SHA512 over its sorted, encoded fields."""

import hashlib
from typing import Final
from urllib.parse import parse_qsl, urlencode

from gateway.authentication.callbacks.reading import encoded, mac_hex, require_equal
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.errors import CallbackMalformed, CallbackRefused, SourceRefused
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.refusal import SpokenRefusal, spoken
from gateway.domain.callbacks.registration import EvidenceLevel

SIGNATURE: Final = "vnp_SecureHash"
UNSIGNED: Final = frozenset({SIGNATURE, "vnp_SecureHashType"})
PREFIX: Final = "vnp_"
QUERY_LENGTH_MAX: Final = 4096
FIELDS_MAX: Final = 64
REFUSALS: Final = {
    CallbackRefused.code: ("97", "Fail checksum"),
    SourceRefused.code: ("03", "IP prohibited"),
}
# VNPAY says it again later, as it does after no answer at all.
OUR_OWN_FAULT: Final = ("99", "Unknown error")


def verify(parts: Parts, material: Material) -> Proof:
    if parts.body:
        raise CallbackMalformed("nothing signs this body")
    fields = _fields(parts.query)
    given = fields.get(SIGNATURE, "")
    if not given:
        raise CallbackRefused(f"{SIGNATURE} is missing")
    signed = sorted(
        (name, value)
        for name, value in fields.items()
        if name.startswith(PREFIX) and name not in UNSIGNED and value
    )
    base = encoded(urlencode(signed))
    require_equal(given, mac_hex(material.secrets["hash_secret"], base, hashlib.sha512))
    return Proof(base=base, signature=given)


def _fields(query: str) -> dict[str, str]:
    if len(query) > QUERY_LENGTH_MAX:
        raise CallbackMalformed(f"the query is longer than {QUERY_LENGTH_MAX} characters")
    try:
        pairs = parse_qsl(
            query,
            keep_blank_values=True,
            strict_parsing=bool(query),
            errors="strict",
            max_num_fields=FIELDS_MAX,
        )
    except ValueError as error:
        raise CallbackMalformed("the query is not a list of fields") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise CallbackMalformed("a field appears twice")
    return fields


def word(code: str) -> SpokenRefusal:
    """VNPAY reads RspCode and waits for 200, whatever is said."""
    response, message = REFUSALS.get(code, OUR_OWN_FAULT)
    return spoken({"RspCode": response, "Message": message})


SCHEME = Scheme(
    name="vnpay",
    level=EvidenceLevel.P3,
    places=(Place(Where.QUERY, SIGNATURE),),
    verify=verify,
    method="GET",
    secrets=(("hash_secret",),),
    word=word,
)
