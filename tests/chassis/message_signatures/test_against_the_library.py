"""The library is the oracle: it accepts what we sign, and we accept what it signs."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from http_message_signatures import HTTPMessageSigner, HTTPMessageVerifier, algorithms
from http_message_signatures.resolvers import MappingKeyResolver

from chassis.canonical import content_digest
from chassis.clock import SystemClock
from chassis.ids import SystemIds
from chassis.keys import PrivateKey, thumbprint
from chassis.message_signatures import (
    CALLBACK,
    FEE_REQUEST,
    LABEL,
    READ,
    RequestSigner,
    Shape,
    SignedMessage,
    sign_response,
    verify,
)
from chassis.message_signatures.answers import RESPONSE_TAG

URL = "https://gateway.example/v1/dossiers?x=1&y=%C4%91"
BODY = '{"amount":150000,"note":"lệ phí"}'.encode()
KEYS: list[tuple[PrivateKey, Any]] = [
    (ec.generate_private_key(ec.SECP256R1()), algorithms.ECDSA_P256_SHA256),
    (ed25519.Ed25519PrivateKey.generate(), algorithms.ED25519),
    (rsa.generate_private_key(65537, 3072), algorithms.RSA_PSS_SHA512),
]
SHAPES = [FEE_REQUEST, CALLBACK, READ]


def message_of(shape: Shape, headers: dict[str, str]) -> SignedMessage:
    body = b"" if shape is READ else BODY
    method = "GET" if shape is READ else "POST"
    return SignedMessage(method=method, url=URL, headers=list(headers.items()), body=body)


@pytest.mark.parametrize(("key", "algorithm"), KEYS, ids=["p256", "ed25519", "rsa"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.tag)
@pytest.mark.parametrize("splits_target", [False, True], ids=["whole target", "split target"])
def test_the_library_accepts_what_we_sign(
    key: PrivateKey, algorithm: Any, shape: Shape, splits_target: bool
) -> None:
    signer = RequestSigner(
        "portal", "k", key, clock=SystemClock(), ids=SystemIds(), splits_target=splits_target
    )
    headers = signer.headers(
        "GET" if shape is READ else "POST",
        URL,
        None if shape is READ else BODY,
        shape=shape,
        extra={"idempotency-key": "order-1", "authorization": "DPoP t", "dpop": "proof"},
    )
    message = message_of(shape, headers)
    asked = SimpleNamespace(method=message.method, url=URL, headers=headers)

    (result,) = HTTPMessageVerifier(
        signature_algorithm=algorithm,
        key_resolver=MappingKeyResolver(public_keys={"k": key.public_key()}, private_keys={}),
    ).verify(asked, max_age=timedelta(seconds=60), expect_tag=shape.tag)

    covered = [name.strip('"') for name in result.covered_components]
    needed = shape.components_for(message.headers, splits_target=splits_target)
    assert set(covered) == {*needed, "@signature-params"}
    assert ("dpop" in covered) == (shape is FEE_REQUEST)


@pytest.mark.parametrize(("key", "algorithm"), KEYS, ids=["p256", "ed25519", "rsa"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.tag)
@pytest.mark.parametrize("include_alg", [False, True], ids=["without alg", "with alg"])
@pytest.mark.parametrize("turned", [False, True], ids=["our order", "another order"])
def test_we_accept_what_the_library_signs(
    key: PrivateKey, algorithm: Any, shape: Shape, include_alg: bool, turned: bool
) -> None:
    headers = {"lephi-client": "portal"}
    if shape is not READ:
        headers |= {"content-type": "application/json", "content-digest": content_digest(BODY)}
    if shape is FEE_REQUEST:
        headers["idempotency-key"] = "order-1"
    message = message_of(shape, headers)
    now = SystemClock().now()
    asked = SimpleNamespace(method=message.method, url=URL, headers=headers)
    HTTPMessageSigner(
        signature_algorithm=algorithm,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={"k": key}),
    ).sign(
        asked,
        key_id="k",
        created=now,
        expires=now + timedelta(seconds=60),
        nonce=SystemIds().token(16),
        label=LABEL,
        tag=shape.tag,
        include_alg=include_alg,
        covered_component_ids=shape.components[:: -1 if turned else 1],
        use_existing_digest=shape is not READ,
    )

    signed = message_of(shape, headers)
    verified = verify(signed, shape=shape, key=key.public_key(), now=now)

    assert verified.covered["@target-uri"] == URL
    assert verified.covered["lephi-client"] == "portal"


@pytest.mark.parametrize(("key", "algorithm"), KEYS, ids=["p256", "ed25519", "rsa"])
@pytest.mark.parametrize("signed_before", [False, True], ids=["bare request", "signed request"])
def test_the_library_accepts_our_answers(
    key: PrivateKey, algorithm: Any, signed_before: bool
) -> None:
    asked = {}
    if signed_before:
        signer = RequestSigner("portal", "k", key, clock=SystemClock(), ids=SystemIds())
        extra = {"idempotency-key": "order-1"}
        asked = signer.headers("POST", URL, BODY, shape=FEE_REQUEST, extra=extra)
    headers = sign_response(
        status=200, body=b"{}", method="POST", url=URL, key_id=thumbprint(key.public_key()),
        key=key, clock=SystemClock(), request_headers=list(asked.items()),
    )  # fmt: skip
    answer = SimpleNamespace(
        status_code=200,
        headers=headers,
        request=SimpleNamespace(method="POST", url=URL, headers=asked),
    )

    (result,) = HTTPMessageVerifier(
        signature_algorithm=algorithm,
        key_resolver=MappingKeyResolver(
            public_keys={thumbprint(key.public_key()): key.public_key()}, private_keys={}
        ),
    ).verify(answer, max_age=timedelta(seconds=60), expect_tag=RESPONSE_TAG)

    assert ('"signature";req;key="lephi"' in result.covered_components) == signed_before
