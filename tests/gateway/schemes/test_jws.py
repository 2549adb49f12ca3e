"""The JWS over a notice's body, in its three forms, and what it may not say."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa
from jwt.algorithms import get_default_algorithms

from chassis.errors import Refused, Unauthenticated
from chassis.keys import PrivateKey, public_jwk, thumbprint
from gateway.authentication.schemes.jws import TYPE, verify
from gateway.domain.callbacks.notice import Material, Parts
from tests.gateway.schemes.conftest import KEY_OF_NOBODY
from tests.gateway.schemes.recorded_notices import AT

BODY = b'{"notice_id":"n-1","amount":150000}'
JTI = "0199a000-0000-7000-8000-00000000000b"
UNENCODED = {"b64": False, "crit": ["b64"]}


def sign(
    body: bytes = BODY,
    *,
    key: PrivateKey = KEY_OF_NOBODY,
    alg: str = "EdDSA",
    form: str = "unencoded",
    **changes: Any,
) -> str:
    """`form` is unencoded (b64 false), detached, or compact; a change to None drops a member."""
    header: dict[str, Any] = {
        "alg": alg,
        "kid": thumbprint(key.public_key()),
        "typ": TYPE,
        "iat": int(AT.timestamp()),
        "jti": JTI,
        **(UNENCODED if form == "unencoded" else {}),
        **changes,
    }
    kept = {name: value for name, value in header.items() if value is not None}
    protected = encoded(json.dumps(kept).encode())
    payload = body if form == "unencoded" else encoded(body).encode()
    signature = get_default_algorithms()[header["alg"]].sign(
        protected.encode() + b"." + payload, key
    )
    inside = encoded(body) if form == "compact" else ""
    return f"{protected}.{inside}.{encoded(signature)}"


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def parts(jws: str, body: bytes = BODY) -> Parts:
    return Parts(headers=(("lephi-jws", jws),), body=body, received_at=AT)


def material(key: PrivateKey = KEY_OF_NOBODY, **more: Any) -> Material:
    return Material(public_jwk=public_jwk(key.public_key()), **more)


@pytest.mark.parametrize("form", ["unencoded", "detached", "compact"])
def test_each_form_is_accepted_over_the_raw_body_and_no_other(form: str) -> None:
    jws = sign(form=form)

    proof = verify(parts(jws), material())

    assert (proof.nonce, proof.signature) == (JTI, jws)
    for body in (BODY + b" ", b"", BODY[:-1]):
        with pytest.raises(Unauthenticated):
            verify(parts(jws, body), material())


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("ES256", generate_private_key(SECP256R1())),
        ("PS512", generate_rsa(public_exponent=65537, key_size=3072)),
    ],
)
def test_the_other_kinds_of_key_are_accepted(alg: str, key: PrivateKey) -> None:
    assert verify(parts(sign(key=key, alg=alg)), material(key)).nonce == JTI


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("PS256", generate_rsa(public_exponent=65537, key_size=3072)),
        ("RS512", generate_rsa(public_exponent=65537, key_size=3072)),
        ("PS512", generate_rsa(public_exponent=65537, key_size=2048)),
    ],
)
def test_a_weaker_key_or_another_algorithm_is_refused(alg: str, key: PrivateKey) -> None:
    with pytest.raises(Unauthenticated):
        verify(parts(sign(key=key, alg=alg)), material(key))


def test_the_public_key_is_never_a_shared_secret() -> None:
    protected, _, _ = sign(alg="EdDSA").split(".")
    header = {"alg": "HS256", "kid": thumbprint(KEY_OF_NOBODY.public_key()), "typ": TYPE}
    forged = encoded(json.dumps({**header, "iat": int(AT.timestamp()), "jti": JTI}).encode())

    for head in (forged, protected):
        with pytest.raises(Unauthenticated):
            verify(parts(f"{head}..{encoded(b'x' * 64)}"), material())


@pytest.mark.parametrize(
    "changes",
    [
        {"typ": "JWT"},
        {"typ": None},
        {"kid": None},
        {"kid": "another"},
        {"kid": 7},
        {"iat": None},
        {"iat": "1795399200"},
        {"iat": True},
        {"iat": int(AT.timestamp()) - 61},
        {"iat": int(AT.timestamp()) + 11},
        {"jti": None},
        {"jti": "short"},
        {"nonce": JTI},
        {"jku": "https://evil.example/keys"},
        {"jwk": {"kty": "OKP"}},
        {"x5u": "https://evil.example/x"},
        {"crit": None},
        {"crit": ["b64", "exp"]},
        {"b64": True},
        {"b64": 0},
        {"crit": []},
    ],
)
def test_a_header_that_says_more_less_or_something_else_is_refused(
    changes: Mapping[str, Any],
) -> None:
    with pytest.raises(Refused):
        verify(parts(sign(**changes)), material())


def test_a_nonce_does_as_well_as_a_jti() -> None:
    assert verify(parts(sign(jti=None, nonce=JTI)), material()).nonce == JTI


def test_the_window_is_a_minute_back_and_ten_seconds_ahead() -> None:
    for seconds in (-60, 10):
        verify(parts(sign(iat=int(AT.timestamp()) + seconds)), material())


def test_a_compact_one_that_carries_another_body_is_refused() -> None:
    header, _, signature = sign(form="compact").split(".")
    swapped = f"{header}.{encoded(b'{}')}.{signature}"

    for body in (BODY, b"{}"):
        with pytest.raises(Unauthenticated):
            verify(parts(swapped, body), material())


def test_an_unencoded_payload_inside_is_refused() -> None:
    header, _, signature = sign().split(".")

    with pytest.raises(Refused):
        verify(parts(f"{header}.{encoded(BODY)}.{signature}"), material())


def test_a_second_spelling_of_the_same_signature_is_refused() -> None:
    """The last letter of 64 bytes has spare bits; a lenient reader takes four spellings of it."""
    jws = sign()
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    last = alphabet.index(jws[-1])

    with pytest.raises(Refused):
        verify(parts(jws[:-1] + alphabet[last ^ 1]), material())


def test_the_header_stands_where_the_registration_says() -> None:
    moved = replace(parts(sign()), headers=(("x-jws-signature", sign()),))

    assert verify(moved, material(header="x-jws-signature")).nonce == JTI
    with pytest.raises(Unauthenticated):
        verify(moved, material())


def test_a_curve_we_do_not_use_is_refused() -> None:
    key = generate_private_key(SECP384R1())
    with pytest.raises(Unauthenticated):
        verify(parts(sign()), material(key))
