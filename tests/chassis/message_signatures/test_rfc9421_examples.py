"""Every example of RFC 9421 appendix B.2: our base is theirs, and their signatures hold."""

import hashlib
import hmac
from base64 import b64decode
from typing import Any

import pytest

from chassis.message_signatures import BadSignature, algorithm_of, primitives
from chassis.message_signatures.digests import check_digest
from chassis.message_signatures.signing_base import derived_value, only_value, signature_base
from chassis.message_signatures.syntax import Component, read_components
from tests.chassis.message_signatures.rfc9421 import (
    EXAMPLES,
    KEYS,
    METHOD,
    REQUEST_BODY,
    REQUEST_DIGEST,
    REQUEST_FIELDS,
    RESPONSE_BODY,
    RESPONSE_FIELDS,
    RSA_PSS_2048,
    SHARED_SECRET,
    URL,
    Example,
)

PET = Component(name="@query-param", flags=';name="Pet"')
SIGNED = [one for one in EXAMPLES if one.algorithm in KEYS]


def value_of(component: Component, example: Example) -> str:
    if component == PET:
        return "dog"
    if component.name == "@status":
        return "200"
    if component.name.startswith("@"):
        return derived_value(component.name, method=METHOD, url=URL)
    fields = RESPONSE_FIELDS if example.of_response else REQUEST_FIELDS
    return only_value(fields, component.name)


def base_of(example: Example) -> bytes:
    components = read_components(example.parameters.partition(")")[0] + ")")
    values = {one: value_of(one, example) for one in components}
    return signature_base(components, values, example.parameters)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.section)
def test_our_base_is_the_standards_base(example: Example) -> None:
    assert base_of(example) == example.whole_base


@pytest.mark.parametrize("example", SIGNED, ids=lambda one: one.section)
def test_the_standards_signature_holds_over_our_base(example: Example) -> None:
    key: Any = KEYS[example.algorithm]

    primitives.check(example.algorithm, key, b64decode(example.signature), base_of(example))


@pytest.mark.parametrize("example", SIGNED, ids=lambda one: one.section)
def test_one_bit_more_or_less_and_it_holds_no_longer(example: Example) -> None:
    key: Any = KEYS[example.algorithm]
    right, base = b64decode(example.signature), base_of(example)
    for place in range(0, len(right), 7):
        wrong = bytearray(right)
        wrong[place] ^= 1
        with pytest.raises(BadSignature):
            primitives.check(example.algorithm, key, bytes(wrong), base)
    for signature, signed in ((right[:-1], base), (right + b"\0", base), (right, base + b"\n")):
        with pytest.raises(BadSignature):
            primitives.check(example.algorithm, key, signature, signed)


def test_the_shared_secret_of_the_standard_fits_our_base_and_is_no_algorithm_of_ours() -> None:
    (example,) = (one for one in EXAMPLES if one.algorithm == "hmac-sha256")

    made = hmac.digest(SHARED_SECRET, base_of(example), "sha256")

    assert made == b64decode(example.signature)
    with pytest.raises(KeyError):
        primitives.check("hmac-sha256", SHARED_SECRET, made, base_of(example))  # type: ignore[arg-type]


def test_the_standards_rsa_key_is_too_short_for_us() -> None:
    key: Any = RSA_PSS_2048

    with pytest.raises(BadSignature, match="kind or size"):
        algorithm_of(key)


def test_the_digests_of_the_standard_are_accepted() -> None:
    check_digest(REQUEST_DIGEST, REQUEST_BODY)
    check_digest(dict(RESPONSE_FIELDS)["Content-Digest"], RESPONSE_BODY)
    assert hashlib.sha512(REQUEST_BODY).digest() == b64decode(REQUEST_DIGEST[9:-1])
