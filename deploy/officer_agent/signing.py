"""What an officer's token signs: a counter's intent, or the text that binds its certificate."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, Final, Protocol

import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

TYPE: Final = "lephi-fee-intent+jws"
INTENT_TYPE: Final = "lephi-fee-intent/1"
CHALLENGE_PREFIX: Final = "lephi-certificate-binding."
INTENT_BYTES_MAX: Final = 64 * 1024


class NotToSign(Exception):
    """These bytes are nothing that an officer's token signs."""


class Token(Protocol):
    @property
    def certificate(self) -> x509.Certificate: ...

    @property
    def algorithm(self) -> str: ...

    def sign(self, signed: bytes) -> bytes: ...


def read_intent(raw: bytes) -> dict[str, Any]:
    """Only the canonical statement of a fee at a counter is signed. Raises NotToSign."""
    if len(raw) > INTENT_BYTES_MAX:
        raise NotToSign("it is too long")
    try:
        intent = json.loads(raw)
        canonical = rfc8785.dumps(intent) == raw
    except (ValueError, RecursionError, rfc8785.CanonicalizationError) as error:
        raise NotToSign("it is no intent") from error
    if not canonical or not isinstance(intent, dict) or intent.get("typ") != INTENT_TYPE:
        raise NotToSign("it is no intent")
    if intent.get("role") != "counter":
        raise NotToSign("it is not of a counter")
    return intent


def describe(intent: dict[str, Any]) -> Sequence[str]:
    """What the officer reads before the token is touched, from the bytes that will be signed."""
    payee = intent["payee"]
    items = [f"  {one['name']}: {one['amount']} {intent['currency']}" for one in intent["items"]]
    return (
        f"Hồ sơ: {intent['dossier']}",
        f"Cơ quan thu: {payee['name']} ({payee['code']})",
        f"Quầy: {intent['desk']}, két: {intent['drawer']}",
        *items,
        f"Tổng số tiền: {intent['amount']} {intent['currency']}",
        f"Có hiệu lực đến: {intent['exp']}",
    )


def sign_detached(token: Token, payload: bytes, *, between: Sequence[x509.Certificate] = ()) -> str:
    """JWS with the certificate in x5c, `b64: false`: the payload travels by itself (RFC 7797)."""
    chain = (token.certificate, *between)
    header: dict[str, Any] = {
        "alg": token.algorithm,
        "b64": False,
        "crit": ["b64"],
        "typ": TYPE,
        "x5c": [b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain],
    }
    protected = _encode(rfc8785.dumps(header))
    signature = token.sign(protected.encode() + b"." + payload)
    return f"{protected}..{_encode(signature)}"


def _encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
