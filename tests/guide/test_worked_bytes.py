"""Every byte that docs/how-to-sign.md shows: computed again, and verified by three readers."""

import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import (
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from chassis.keys import key_of_jwk, thumbprint
from chassis.message_signatures import (
    CALLBACK,
    FEE_REQUEST,
    READ,
    BadSignature,
    Shape,
    SignedMessage,
    verify,
    verify_response,
)
from gateway.authentication.machines.key_proofs import JwsKeyProofs
from services.dossier.api.schemas import SubmitDossierBody
from tests.guide.worked_page import HttpMessage, blocks, http_message

BLOCKS: Final = blocks()
SHAPES: Final = {"fee-request": FEE_REQUEST, "read": READ, "notice": CALLBACK}
CREATED: Final = datetime.fromtimestamp(1795399200, UTC)


def client_key() -> Ed25519PrivateKey:
    key = load_pem_private_key(BLOCKS["pem", "client-key"].encode(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def answer_key() -> Ed25519PublicKey:
    key = key_of_jwk(only_key(json.loads(BLOCKS["json", "answer-key"])))
    assert isinstance(key, Ed25519PublicKey)
    return key


def only_key(jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: jwk[name] for name in ("kty", "crv", "x")}


def message(name: str) -> HttpMessage:
    return http_message(BLOCKS["http", name])


def value_of(component: str, at: HttpMessage, asked: HttpMessage | None = None) -> str:
    """What a line of the base says, read off the messages by hand."""
    name, *flags = component.split(";")
    source = asked if "req" in flags else at
    assert source is not None
    match name:
        case '"@method"':
            return source.method
        case '"@target-uri"':
            return source.url
        case '"@status"':
            return str(source.status)
        case '"signature"':
            return source.one("signature").removeprefix("lephi=")
        case _:
            return source.one(name.strip('"'))


def base_of(at: HttpMessage, asked: HttpMessage | None = None) -> str:
    params = at.one("signature-input").removeprefix("lephi=")
    components = params[1 : params.index(")")].split(" ")
    lines = [f"{component}: {value_of(component, at, asked)}" for component in components]
    return "\n".join([*lines, f'"@signature-params": {params}'])


def signature_of(at: HttpMessage) -> bytes:
    return b64decode(at.one("signature").removeprefix("lephi=:").removesuffix(":"))


def digest_of(body: bytes) -> str:
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


@pytest.mark.parametrize("name", SHAPES)
def test_a_request_is_what_cryptography_alone_makes_of_it(name: str) -> None:
    request = message(name)

    base = base_of(request)

    assert base == BLOCKS["base", name]
    # Ed25519 is deterministic: the page shows the one signature there is.
    assert client_key().sign(base.encode()) == signature_of(request)
    if request.body:
        assert request.one("content-digest") == digest_of(request.body)
        assert request.one("content-length") == str(len(request.body))


@pytest.mark.parametrize("name", SHAPES)
def test_a_request_is_let_in_by_the_gateways_own_checks(name: str) -> None:
    request, shape = message(name), SHAPES[name]

    verified = verify(signed(request), shape=shape, key=client_key().public_key(), now=CREATED)

    assert verified.base.decode() == BLOCKS["base", name]
    assert verified.parameters.key_id == thumbprint(client_key().public_key())


@pytest.mark.parametrize("name", SHAPES)
def test_a_byte_more_or_a_minute_late_and_it_is_refused(name: str) -> None:
    request, shape = message(name), SHAPES[name]

    with pytest.raises(BadSignature):
        check(request, shape, body=request.body + b" ")
    with pytest.raises(BadSignature):
        check(request, shape, now=CREATED + timedelta(seconds=61))


def check(
    request: HttpMessage, shape: Shape, *, body: bytes | None = None, now: datetime = CREATED
) -> None:
    verify(signed(request, body), shape=shape, key=client_key().public_key(), now=now)


def signed(request: HttpMessage, body: bytes | None = None) -> SignedMessage:
    return SignedMessage(
        method=request.method,
        url=request.url,
        headers=request.headers,
        body=request.body if body is None else body,
    )


class OneKey(HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        assert key_id == thumbprint(client_key().public_key())
        return client_key().public_key()


class Lasting(HTTPMessageVerifier):
    """The oracle goes by the clock on the wall, and these bytes are of one day."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        return


@pytest.mark.parametrize("name", SHAPES)
def test_a_request_is_accepted_by_a_library_of_the_standard(name: str) -> None:
    request = message(name)
    prepared = requests.Request(
        request.method, request.url, headers=dict(request.headers), data=request.body or None
    ).prepare()

    (result,) = Lasting(signature_algorithm=algorithms.ED25519, key_resolver=OneKey()).verify(
        prepared, expect_tag=SHAPES[name].tag
    )

    assert {name.strip('"') for name in result.covered_components} >= set(SHAPES[name].components)


def test_the_answer_is_what_it_says() -> None:
    answer, asked = message("fee-answer"), message("fee-request")

    base = base_of(answer, asked)

    assert base == BLOCKS["base", "fee-answer"]
    answer_key().verify(signature_of(answer), base.encode())
    assert answer.one("content-digest") == digest_of(answer.body)
    verify_response(
        status=answer.status,
        headers=dict(answer.headers),
        body=answer.body,
        method=asked.method,
        url=asked.url,
        key_id=json.loads(BLOCKS["json", "answer-key"])["kid"],
        key=answer_key(),
        now=CREATED,
        request_headers=asked.headers,
    )


def test_the_keys_are_named_by_their_thumbprints() -> None:
    jwk = BLOCKS["json", "client-jwk"]
    name = urlsafe_b64encode(sha256(jwk.encode()).digest()).rstrip(b"=").decode()

    assert name == thumbprint(client_key().public_key())
    assert f'keyid="{name}"' in BLOCKS["base", "fee-request"]
    assert json.loads(BLOCKS["json", "answer-key"])["kid"] == thumbprint(answer_key())


def test_the_proof_of_possession_is_over_the_challenge() -> None:
    jws = BLOCKS["text", "key-proof"]
    offered = JwsKeyProofs().read_jwk(json.loads(BLOCKS["json", "client-jwk"]))

    assert jwt_of(jws)[1] == BLOCKS["text", "challenge"].encode()
    assert JwsKeyProofs().open_compact(jws, offered) == BLOCKS["text", "challenge"].encode()


def test_the_assertion_holds_its_claims() -> None:
    header, claims = jwt_of(BLOCKS["text", "assertion"])

    assert json.loads(claims) == json.loads(BLOCKS["json", "assertion-claims"])
    assert header == {"alg": "EdDSA", "kid": thumbprint(client_key().public_key())}


def jwt_of(compact: str) -> tuple[dict[str, Any], bytes]:
    """Header and payload, with the one signature of the test key over them."""
    header, payload, signature = compact.split(".")
    made = client_key().sign(f"{header}.{payload}".encode())
    assert urlsafe_b64encode(made).rstrip(b"=").decode() == signature
    return json.loads(unpadded(header)), unpadded(payload)


def unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_the_worked_dossier_is_one_that_would_be_taken() -> None:
    SubmitDossierBody.model_validate_json(message("fee-request").body)


def test_the_shapes_of_the_page_are_those_of_the_code() -> None:
    for name, shape in SHAPES.items():
        said = re.findall(r'"([^"]+)"', message(name).one("signature-input").partition(")")[0])
        assert tuple(said) == shape.components
