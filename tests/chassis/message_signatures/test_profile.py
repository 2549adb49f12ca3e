"""What the profile adds to the standard, and what it leaves out."""

import hashlib
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from chassis.ids import SystemIds
from chassis.keys import thumbprint
from chassis.message_signatures import (
    FEE_REQUEST,
    BadSignature,
    RequestSigner,
    SignedMessage,
    Verified,
    read_parameters,
    verify,
)
from chassis.message_signatures.digests import check_digest
from chassis.message_signatures.signing_base import derived_value
from chassis.message_signatures.syntax import read_signature
from chassis.testing import FrozenClock

URL = "https://Gateway.Example:443/v1/dossiers?x=1"
BODY = b'{"amount":150000}'
KEY = ec.generate_private_key(ec.SECP256R1())
CLOCK = FrozenClock()
SHA256 = b64encode(hashlib.sha256(BODY).digest()).decode()
SHA512 = b64encode(hashlib.sha512(BODY).digest()).decode()
BYTES = ":AAAA:"
OURS = '("@method");tag="lephi-read-1"'


def signed(*, splits_target: bool = False, extra: tuple[str, str] | None = None) -> SignedMessage:
    signer = RequestSigner(
        "portal",
        thumbprint(KEY.public_key()),
        KEY,
        clock=CLOCK,
        ids=SystemIds(),
        splits_target=splits_target,
    )
    more = dict([("idempotency-key", "key-0001"), *([extra] if extra else [])])
    headers = signer.headers("POST", URL, BODY, shape=FEE_REQUEST, extra=more)
    return SignedMessage(method="POST", url=URL, headers=list(headers.items()), body=BODY)


def check(message: SignedMessage, **more: Any) -> Verified:
    return verify(message, shape=FEE_REQUEST, key=KEY.public_key(), now=CLOCK.now(), **more)


@pytest.mark.parametrize("name", ["authorization", "dpop"])
def test_a_token_beside_a_write_is_signed_with_it_exactly_when_it_is_there(name: str) -> None:
    with_token, without = signed(extra=(name, "DPoP abc")), signed()

    assert check(with_token).covered[name] == "DPoP abc"
    assert name not in check(without).covered
    for message in (
        replace(without, headers=[*without.headers, (name, "DPoP abc")]),
        replace(with_token, headers=[one for one in with_token.headers if one[0] != name]),
    ):
        with pytest.raises(BadSignature):
            check(message)


def test_a_client_behind_a_proxy_signs_the_parts_of_its_target_and_no_other_client_may() -> None:
    split = signed(splits_target=True)

    covered = check(split, splits_target=True).covered

    assert (covered["@authority"], covered["@path"], covered["@query"]) == (
        "gateway.example",
        "/v1/dossiers",
        "?x=1",
    )
    with pytest.raises(BadSignature):
        check(split)
    with pytest.raises(BadSignature):
        check(signed(), splits_target=True)


@pytest.mark.parametrize(
    ("url", "path", "query"),
    [
        ("https://a", "/", "?"),
        ("https://a/", "/", "?"),
        ("https://a/b?", "/b", "?"),
        ("https://a/b?c#d", "/b", "?c#d"),
        ("https://a/b/../c?e=/f", "/b/../c", "?e=/f"),
    ],
)
def test_a_target_is_cut_and_not_normalised(url: str, path: str, query: str) -> None:
    assert derived_value("@path", method="GET", url=url) == path
    assert derived_value("@query", method="GET", url=url) == query


@pytest.mark.parametrize(
    "digest",
    [
        f"sha-256=:{SHA256}:",
        f"sha-512=:{SHA512}:",
        f"sha-256=:{SHA256}:, sha-512=:{SHA512}:",
        f"md5=:AAAA:, sha-256=:{SHA256}:",
    ],
)
def test_either_digest_will_do_and_strangers_are_left_alone(digest: str) -> None:
    check_digest(digest, BODY)


@pytest.mark.parametrize(
    "digest",
    [
        "",
        "md5=:AAAA:",
        f"sha-256=:{SHA512}:",
        f"SHA-256=:{SHA256}:",
        f"sha-256={SHA256}",
        f"sha-256=:{SHA256}:;x",
        f"sha-256=:{SHA256}:, sha-256=:{SHA256}:",
        f"sha-256=:{SHA256}:, sha-512=:{SHA256}:",
        f"sha-512=:{SHA512}:, sha-256=:AAAA:",
        f"sha-256=:{SHA256}:,",
    ],
)
def test_a_digest_that_is_wrong_twice_or_of_no_known_kind_is_refused(digest: str) -> None:
    with pytest.raises(BadSignature):
        check_digest(digest, BODY)


@pytest.mark.parametrize(
    "others",
    [
        'sig1=("@method");created=1;tag="somebody"',
        "sig1=()",
        'sig1=("a, b" "c");x="lephi=()"',
        "a=(), b=(), c=()",
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_other_peoples_signatures_are_ignored(others: str, first: bool) -> None:
    inputs = [others, f"lephi={OURS}"] if first else [f"lephi={OURS}", others]
    signatures = f"sig1=:BBBB:, lephi={BYTES}"

    read = read_signature(", ".join(inputs), signatures)

    assert (read.signature, read.text) == (b"\0\0\0", OURS)


@pytest.mark.parametrize(
    ("inputs", "signatures"),
    [
        (f"other={OURS}", f"other={BYTES}"),
        (f"lephi={OURS}, other={OURS}", f"lephi={BYTES}, other={BYTES}"),
        (f"lephi={OURS}, lephi={OURS}", f"lephi={BYTES}"),
        (f"lephi={OURS}", f"lephi={BYTES}, lephi={BYTES}"),
        (f"lephi={OURS}, a=(), b=(), c=(), d=()", f"lephi={BYTES}"),
        (f"lephi={OURS}", f"other={BYTES}"),
        (f"lephi={OURS}", "lephi=:AAAB=:"),
        (f"lephi={OURS}", "lephi=:AAA:"),
        (f"lephi={OURS}", f"lephi={BYTES};x=1"),
        (f"lephi={OURS},", f"lephi={BYTES}"),
        (f"lephi={OURS} x", f"lephi={BYTES}"),
        ('lephi=("@method" );tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@method"  "a");tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@method" "@method");tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@METHOD");tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@method"); tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@method");tag="lephi-read-1";tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@method");created=01;tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@method");created=1.0;tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@method");nonce="a\\"b";tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi=("@method");created;tag="lephi-read-1"', f"lephi={BYTES}"),
        ('lephi="@method";tag="lephi-read-1"', f"lephi={BYTES}"),
        (f"lephi={OURS}" + " " * 4096, f"lephi={BYTES}"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(inputs: str, signatures: str) -> None:
    with pytest.raises(BadSignature):
        read_signature(inputs, signatures)


@pytest.mark.parametrize(
    "text",
    [
        "lephi=(" + '"a" ' * 1000,
        "lephi=(" + "a" * 4000,
        'lephi=("' + "\\" * 4000,
        "lephi=()" + ";a" * 1900,
        "lephi=()" + ";a=1" * 900 + "!",
        "," * 4000,
    ],
)
def test_reading_rubbish_of_full_length_ends(text: str) -> None:
    with pytest.raises(BadSignature):
        read_signature(text[:4000], f"lephi={BYTES}")


def test_headers_that_are_well_formed_and_too_long_are_refused() -> None:
    other = f'x=("{"a" * 4096}")'

    with pytest.raises(BadSignature, match="too long"):
        read_signature(f"lephi={OURS}, {other}", f"lephi={BYTES}")


def test_an_algorithm_or_a_tag_of_another_kind_is_refused_for_what_it_is() -> None:
    message = signed()
    parameters = read_parameters(message)

    with pytest.raises(BadSignature, match="alg is not"):
        check(message, parameters=replace(parameters, algorithm="ed25519"))
    with pytest.raises(BadSignature, match="the tag must be"):
        check(message, parameters=replace(parameters, tag="lephi-read-1"))
