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
from gateway.domain.callbacks.errors import CallbackRefused
from gateway.domain.callbacks.notice import Material, Parts, Proof
from gateway.domain.callbacks.refusal import SpokenRefusal, spoken
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

REFUSALS: Final = {CallbackRefused.code: ("97", "Invalid secure code")}
OUR_OWN_FAULT: Final = ("99", "Unknown error")


def verify(parts: Parts, material: Material) -> Proof:
    said = read_object(parts.body)
    base = joined_by_pipe(said, SIGNED)
    given = given_text(said, SIGNATURE)
    # Its senders write the digest in either case.
    wanted = sha256_hex(encoded(f"{base}|{material.secrets['secret_key']}"))
    require_equal(given.lower(), wanted)
    return Proof(base=encoded(base), signature=given)


def word(code: str) -> SpokenRefusal:
    """Without the SECURE_CODE of a real answer: a signature over what nobody has proved could be
    carried elsewhere. Which codes VNPT Pay tells apart is not published, but that 00 is success."""
    response, description = REFUSALS.get(code, OUR_OWN_FAULT)
    return spoken({"RESPONSE_CODE": response, "DESCRIPTION": description})


SCHEME = Scheme(
    name="vnptpay",
    level=EvidenceLevel.P3,
    places=(Place(Where.BODY, SIGNATURE),),
    verify=verify,
    secrets=(("secret_key",),),
    word=word,
)
