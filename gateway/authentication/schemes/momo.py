"""MoMo v2 IPN: HMAC-SHA256 over a fixed, alphabetical list of pairs that begins with accessKey."""

from typing import Final

from gateway.authentication.callbacks.reading import (
    encoded,
    given_text,
    joined_as_pairs,
    mac_hex,
    read_object,
    require_equal,
    texts_of,
)
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.registration import EvidenceLevel

SIGNATURE: Final = "signature"
SIGNED: Final = (
    "amount",
    "extraData",
    "message",
    "orderId",
    "orderInfo",
    "orderType",
    "partnerCode",
    "payType",
    "requestId",
    "responseTime",
    "resultCode",
    "transId",
)


def verify(parts: Parts, material: Material) -> Proof:
    said = read_object(parts.body)
    pairs = joined_as_pairs(zip(SIGNED, texts_of(said, SIGNED), strict=True))
    given = given_text(said, SIGNATURE)
    # The access key is signed but not sent; it stays out of what we keep.
    message = encoded(f"accessKey={material.secrets['access_key']}&{pairs}")
    require_equal(given, mac_hex(material.secrets["secret_key"], message))
    return Proof(base=encoded(pairs), signature=given)


SCHEME = Scheme(
    name="momo",
    level=EvidenceLevel.P3,
    places=(Place(Where.BODY, SIGNATURE),),
    verify=verify,
    secrets=(("secret_key", "access_key"),),
)
