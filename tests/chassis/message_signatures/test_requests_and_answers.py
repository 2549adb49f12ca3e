import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from chassis.ids import SystemIds
from chassis.keys import PrivateKey, thumbprint
from chassis.message_signatures import (
    CALLBACK,
    FEE_REQUEST,
    READ,
    BadSignature,
    RequestSigner,
    SignedMessage,
    sign_response,
    verify,
    verify_response,
)
from chassis.testing import FrozenClock

URL = "https://gateway.example/v1/dossiers?x=1"
BODY = b'{"amount":150000}'
P256 = ec.generate_private_key(ec.SECP256R1())
KEYS: list[PrivateKey] = [
    P256,
    ed25519.Ed25519PrivateKey.generate(),
    rsa.generate_private_key(65537, 3072),
]


def signed(key: PrivateKey, clock: FrozenClock) -> SignedMessage:
    signer = RequestSigner(
        "portal-demo", thumbprint(key.public_key()), key, clock=clock, ids=SystemIds()
    )
    headers = signer.headers(
        "POST", URL, BODY, shape=FEE_REQUEST, extra={"idempotency-key": "key-0001"}
    )
    return SignedMessage(method="POST", url=URL, headers=list(headers.items()), body=BODY)


def altered(message: SignedMessage, name: str, value: str | None) -> SignedMessage:
    headers = [(key, old) for key, old in message.headers if key.lower() != name]
    if value is not None:
        headers.append((name, value))
    return SignedMessage(method=message.method, url=message.url, headers=headers, body=message.body)


@pytest.mark.parametrize("key", KEYS, ids=["p256", "ed25519", "rsa3072"])
def test_what_a_client_signs_is_accepted_and_kept_byte_by_byte(key: PrivateKey) -> None:
    clock = FrozenClock()

    verified = verify(signed(key, clock), shape=FEE_REQUEST, key=key.public_key(), now=clock.now())

    assert b'"@target-uri": ' + URL.encode() in verified.base
    assert verified.covered["lephi-client"] == "portal-demo"
    assert verified.parameters.key_id == thumbprint(key.public_key())


@pytest.mark.parametrize(
    "name",
    [
        "content-digest",
        "content-type",
        "idempotency-key",
        "lephi-client",
        "signature",
        "signature-input",
    ],
)
@pytest.mark.parametrize("how", ["gone", "changed", "twice"])
def test_any_header_gone_changed_or_doubled_is_refused(name: str, how: str) -> None:
    clock = FrozenClock()
    message = signed(P256, clock)
    value = dict(message.headers)[name]
    if how == "twice":
        message.headers.append((name, value))  # type: ignore[attr-defined]
    else:
        changed = value[:-3] + ("A" if value[-3] != "A" else "B") + value[-2:]
        message = altered(message, name, None if how == "gone" else changed)

    with pytest.raises(BadSignature):
        verify(message, shape=FEE_REQUEST, key=P256.public_key(), now=clock.now())


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("PUT", URL, BODY),
        ("POST", URL + "2", BODY),
        ("POST", URL.replace("gateway", "evil"), BODY),
        ("POST", URL, BODY + b" "),
    ],
)
def test_another_method_target_or_body_is_refused(method: str, url: str, body: bytes) -> None:
    clock = FrozenClock()
    message = signed(P256, clock)

    with pytest.raises(BadSignature):
        verify(
            SignedMessage(method=method, url=url, headers=message.headers, body=body),
            shape=FEE_REQUEST,
            key=P256.public_key(),
            now=clock.now(),
        )


@pytest.mark.parametrize("seconds", [61, -11])
def test_an_old_or_early_signature_is_refused(seconds: int) -> None:
    clock = FrozenClock()
    message = signed(P256, clock)
    clock.advance(timedelta(seconds=seconds))

    with pytest.raises(BadSignature):
        verify(message, shape=FEE_REQUEST, key=P256.public_key(), now=clock.now())


@pytest.mark.parametrize("shape", [CALLBACK, READ])
def test_a_signature_for_one_class_of_routes_does_not_open_another(shape: object) -> None:
    clock = FrozenClock()

    with pytest.raises(BadSignature):
        verify(signed(P256, clock), shape=shape, key=P256.public_key(), now=clock.now())  # type: ignore[arg-type]


def test_a_signature_of_another_key_or_kind_is_refused() -> None:
    clock = FrozenClock()
    for key in [*KEYS[1:], ec.generate_private_key(ec.SECP256R1())]:
        with pytest.raises(BadSignature):
            verify(signed(P256, clock), shape=FEE_REQUEST, key=key.public_key(), now=clock.now())


def test_a_short_rsa_key_is_refused() -> None:
    clock = FrozenClock()
    with pytest.raises(BadSignature):
        signed(rsa.generate_private_key(65537, 2048), clock)


def test_an_answer_proves_who_gave_it_to_which_question() -> None:
    clock = FrozenClock()
    url = "https://bank.example/enquiries/LP1"
    headers = sign_response(
        status=200, body=BODY, method="GET", url=url, key_id="k", key=P256, clock=clock
    )
    good = {
        "status": 200, "headers": headers, "body": BODY, "method": "GET", "url": url,
        "key_id": "k", "key": P256.public_key(), "now": clock.now(),
    }  # fmt: skip

    verify_response(**good)  # type: ignore[arg-type]
    signature = base64.b64encode(b"0" * 64).decode()
    for wrong in (
        {"status": 404},
        {"body": b"{}"},
        {"url": url + "2"},
        {"headers": headers | {"signature": f"lephi=:{signature}:"}},
        {"now": clock.now() + timedelta(seconds=61)},
    ):
        with pytest.raises(BadSignature):
            verify_response(**(good | wrong))  # type: ignore[arg-type]
