"""ZaloPay v2 callback: HMAC-SHA256 with key2 over the text in `data`, exactly as it stands."""

from typing import Final

from gateway.authentication.callbacks.reading import (
    encoded,
    given_text,
    mac_hex,
    read_object,
    require_equal,
)
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.errors import CallbackRefused
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.refusal import SpokenRefusal, spoken
from gateway.domain.callbacks.registration import EvidenceLevel

SIGNATURE: Final = "mac"
SIGNED: Final = "data"
REFUSALS: Final = {CallbackRefused.code: (-1, "mac not equal")}
OUR_OWN_FAULT: Final = (0, "not heard")


def verify(parts: Parts, material: Material) -> Proof:
    said = read_object(parts.body)
    base = encoded(given_text(said, SIGNED))
    given = given_text(said, SIGNATURE)
    require_equal(given, mac_hex(material.secrets["key2"], base))
    # What is inside is trusted from here on, so it must have one meaning as well.
    read_object(base)
    return Proof(base=base, signature=given)


def word(code: str) -> SpokenRefusal:
    """1 and 2 mean heard; with any other number ZaloPay calls again."""
    number, message = REFUSALS.get(code, OUR_OWN_FAULT)
    return spoken({"return_code": number, "return_message": message})


SCHEME = Scheme(
    name="zalopay",
    level=EvidenceLevel.P3,
    places=(Place(Where.BODY, SIGNATURE),),
    verify=verify,
    secrets=(("key2",),),
    # Signs our own requests; it stands in the same file and checks nothing here.
    more_secrets=frozenset({"key1"}),
    word=word,
)
