"""VNPT Pay 1.0.6 IPN: SHA-256 over the fields joined by pipes, the secret last."""

from typing import Final

from chassis.canonical import sha256_hex
from gateway.authentication.callbacks.reading import (
    encoded,
    given_text,
    joined_by_pipe,
    read_object,
    require_equal,
)
from gateway.authentication.callbacks.scheme import Place, Scheme, Where
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.registration import EvidenceLevel

SIGNATURE: Final = "SECURE_CODE"
SIGNED: Final = (
    "ACTION",
    "RESPONSE_CODE",
    "MERCHANT_SERVICE_ID",
    "MERCHANT_ORDER_ID",
    "AMOUNT",
    "CURRENCY_CODE",
    "VNPTPAY_TRANSACTION_ID",
    "PAYMENT_METHOD",
    "PAY_DATE",
    "ADDITIONAL_INFO",
)


def verify(parts: Parts, material: Material) -> Proof:
    said = read_object(parts.body)
    base = joined_by_pipe(said, SIGNED)
    given = given_text(said, SIGNATURE)
    # Its senders write the digest in either case.
    wanted = sha256_hex(encoded(f"{base}|{material.secrets['secret_key']}"))
    require_equal(given.lower(), wanted)
    return Proof(base=encoded(base), signature=given)


SCHEME = Scheme(
    name="vnptpay",
    level=EvidenceLevel.P3,
    places=(Place(Where.BODY, SIGNATURE),),
    verify=verify,
    secrets=(("secret_key",),),
)
