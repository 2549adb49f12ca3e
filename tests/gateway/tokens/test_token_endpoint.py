"""Begin with a request that is given a token, change one thing, and see it refused."""

import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

from chassis.keys import thumbprint
from gateway.domain.machines.access_token import TOKEN_SCOPES
from gateway.domain.machines.client import ClientClass
from gateway.domain.machines.signed_request import SignatureClass
from gateway.routes.table import ROUTES
from tests.gateway.registrars import new_key
from tests.gateway.tokens.portal import TOKEN_PATH, Portal, client_key
from tests.gateway.world import ORIGIN, World


async def assert_refused(portal: Portal, error: str, *, status: int = 400, **changes: Any) -> None:
    answer = await portal.ask(**changes)

    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "access_token" not in answer.json()


async def test_a_portal_is_given_a_token_bound_to_its_proofs_key(world: World) -> None:
    portal = Portal(world)

    answer = await portal.sign_on(scope="dossier.read payment.read")

    said = answer.json()
    claims = jwt.decode(said["access_token"], options={"verify_signature": False})
    assert (said["token_type"], said["expires_in"]) == ("DPoP", 300)
    assert said["scope"] == claims["scope"] == "dossier.read payment.read"
    assert jwt.get_unverified_header(said["access_token"])["typ"] == "at+jwt"
    assert claims["cnf"] == {"jkt": thumbprint(portal.key.public_key())}
    assert (claims["iss"], claims["aud"]) == (ORIGIN, ORIGIN)
    assert claims["exp"] - claims["iat"] == 300
    assert answer.headers["cache-control"] == "no-store"


async def test_the_server_says_what_it_can(quick_world: World) -> None:
    said = (await quick_world.http.get("/.well-known/oauth-authorization-server")).json()

    assert said["issuer"] == ORIGIN
    assert said["token_endpoint"] == ORIGIN + TOKEN_PATH
    assert said["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert said["grant_types_supported"] == ["client_credentials"]
    assert "none" not in said["dpop_signing_alg_values_supported"]


def test_tokens_can_have_the_scopes_of_looks_and_no_other() -> None:
    looks = [route for route in ROUTES if route.signature is SignatureClass.READ]

    assert all(route.scopes for route in looks)
    assert frozenset().union(*(route.scopes for route in looks)) == TOKEN_SCOPES[ClientClass.PORTAL]
    assert not TOKEN_SCOPES[ClientClass.BANK]


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": [ORIGIN]},
        {"aud": [ORIGIN, "https://other.example"]},
        {"aud": "https://other.example"},
        {"aud": ORIGIN + TOKEN_PATH},
        {"aud": ORIGIN + "/"},
        {"aud": None},
        {"iss": "bank-sandbox"},
        {"sub": "bank-sandbox"},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 129},
        {"jti": 7},
        {"exp": None},
        {"iat": None},
        {"exp": "soon"},
        {"iat": True},
    ],
    ids=str,
)
async def test_an_assertion_that_says_something_else_is_refused(
    quick_world: World, claims: dict[str, Any]
) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()

    await assert_refused(portal, "invalid_client", status=401, assertion=portal.assertion(**claims))


@pytest.mark.parametrize(
    ("issued", "expires", "begins"),
    [(0, 61, None), (-61, -1, None), (-60, 0, None), (11, 60, None), (0, 60, 11)],
    ids=["lives too long", "expired", "just expired", "of the future", "not yet"],
)
async def test_an_assertion_lives_a_minute(
    quick_world: World, issued: int, expires: int, begins: int | None
) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()
    times: dict[str, Any] = {"iat": portal.now + issued, "exp": portal.now + expires}
    if begins is not None:
        times["nbf"] = portal.now + begins

    await assert_refused(portal, "invalid_client", status=401, assertion=portal.assertion(**times))


async def test_an_assertion_serves_once(world: World) -> None:
    portal = Portal(world)
    await portal.learn_nonce()
    assertion = portal.assertion()
    assert (await portal.ask(assertion=assertion)).status_code == 200

    await assert_refused(portal, "invalid_client", status=401, assertion=assertion)


@pytest.mark.parametrize(
    "header",
    [
        {"kid": None},
        {"kid": "unknown"},
        {"kid": "../../etc/passwd"},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/chain"},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "x"}},
        {"typ": "at+jwt"},
        {"typ": "dpop+jwt"},
    ],
    ids=str,
)
async def test_an_assertions_header_names_the_registered_key_and_nothing_else(
    quick_world: World, header: dict[str, Any]
) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()

    await assert_refused(
        portal, "invalid_client", status=401, assertion=portal.assertion(header=header)
    )


async def test_the_registered_key_alone_decides_who_signs_and_how(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()
    bank = client_key(quick_world, "bank-sandbox")
    portal_key = client_key(quick_world).public_key()
    pem = portal_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = {
        "by another key": portal.assertion(key=new_key(), algorithm="ES256"),
        "kid of another client": portal.assertion(
            header={"kid": thumbprint(bank.public_key())}, key=bank, algorithm="ES256"
        ),
        "alg none": portal.assertion(key="", algorithm="none"),
        "HS256 with the public key": _hmac_forgery(portal, pem),
    }

    for name, assertion in forged.items():
        answer = await portal.ask(assertion=assertion)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), name


async def test_a_bank_is_given_no_token(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()
    assertion = portal.assertion(client_id="bank-sandbox", algorithm="ES256")

    await assert_refused(portal, "unauthorized_client", assertion=assertion)


@pytest.mark.parametrize(
    ("form", "error", "status"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"grant_type": ""}, "invalid_request", 400),
        ({"client_assertion_type": "jwt"}, "invalid_client", 401),
        ({"scope": "dossier.submit"}, "invalid_scope", 400),
        ({"scope": "dossier.read everything"}, "invalid_scope", 400),
        ({"client_id": "bank-sandbox"}, "invalid_client", 401),
    ],
    ids=str,
)
async def test_a_form_that_asks_for_something_else_is_refused(
    quick_world: World, form: dict[str, str], error: str, status: int
) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()

    await assert_refused(portal, error, status=status, **form)


async def test_a_form_that_two_readers_read_differently_is_refused(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()
    form = f"grant_type=client_credentials&grant_type=password&client_assertion={'x' * 10}"
    headers = {"content-type": "application/x-www-form-urlencoded"}

    twice = await quick_world.http.post(TOKEN_PATH, content=form, headers=headers)
    as_json = await quick_world.http.post(TOKEN_PATH, json={"grant_type": "client_credentials"})

    assert (twice.status_code, twice.json()["error"]) == (400, "invalid_request")
    assert (as_json.status_code, as_json.json()["error"]) == (400, "invalid_request")


async def test_without_a_proof_or_a_certificate_there_is_no_token(quick_world: World) -> None:
    await assert_refused(Portal(quick_world), "invalid_request", proof="")


async def test_a_proof_needs_the_servers_nonce_and_a_fresh_one(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()
    old = portal.nonce

    for nonce in (None, "", "x" * 32, old[:-1] + ("A" if old[-1] != "A" else "B")):
        await assert_refused(portal, "use_dpop_nonce", proof=portal.proof(nonce=nonce))
    quick_world.clock.advance(timedelta(minutes=5, seconds=1))
    await assert_refused(portal, "use_dpop_nonce", proof=portal.proof())


@pytest.mark.parametrize(
    "claims",
    [
        {"htm": "GET"},
        {"htm": "post"},
        {"htu": ORIGIN + "/v1/dossiers"},
        {"htu": "https://evil.example/oauth2/token"},
        {"htu": None},
        {"iat": None},
        {"iat": "now"},
        {"jti": None},
        {"jti": "short"},
        {"jti": "x" * 129},
    ],
    ids=str,
)
async def test_a_proof_for_something_else_is_refused(
    quick_world: World, claims: dict[str, Any]
) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()

    await assert_refused(portal, "invalid_dpop_proof", proof=portal.proof(**claims))


@pytest.mark.parametrize("seconds", [-61, 11])
async def test_a_proof_too_old_or_of_the_future_is_refused(
    quick_world: World, seconds: int
) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()

    await assert_refused(portal, "invalid_dpop_proof", proof=portal.proof(iat=portal.now + seconds))


async def test_a_proofs_header_holds_one_public_key_and_its_algorithm(quick_world: World) -> None:
    portal = Portal(quick_world)
    await portal.learn_nonce()
    other = new_key()
    wrong = {
        "alg none": portal.proof(key="", algorithm="none"),
        "another key": portal.proof(key=other),
        "private key": portal.proof(header={"jwk": ECAlgorithm.to_jwk(portal.key, as_dict=True)}),
        "other type": portal.proof(header={"typ": "JWT"}),
        "HS256": portal.proof(key="s" * 32, algorithm="HS256"),
        "symmetric jwk": portal.proof(header={"jwk": {"kty": "oct", "k": "c2VjcmV0"}}),
        "kid too": portal.proof(header={"kid": thumbprint(other.public_key())}),
        "no jwk": portal.proof(header={"jwk": None}),
        "not even a token": "x.y.z",
    }

    for name, proof in wrong.items():
        answer = await portal.ask(proof=proof)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof"), name


async def test_a_proof_serves_once(world: World) -> None:
    portal = Portal(world)
    await portal.learn_nonce()
    proof = portal.proof()
    assert (await portal.ask(proof=proof)).status_code == 200

    await assert_refused(portal, "invalid_dpop_proof", proof=proof)


async def test_a_refused_proof_uses_the_assertion_not_up(world: World) -> None:
    portal = Portal(world)
    assertion = portal.assertion()
    first = await portal.ask(assertion=assertion)
    portal.nonce = first.headers["dpop-nonce"]

    again = await portal.ask(assertion=assertion)

    assert (first.json()["error"], again.status_code) == ("use_dpop_nonce", 200)


def _hmac_forgery(portal: Portal, secret: bytes) -> str:
    """The library refuses to sign with a public key, so it is done by hand."""
    header = {"alg": "HS256", "kid": thumbprint(client_key(portal.world).public_key())}
    claims = jwt.decode(portal.assertion(), options={"verify_signature": False})
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in (header, claims)]
    signature = hmac.digest(secret, b".".join(parts), "sha256")
    return b".".join([*parts, urlsafe_b64encode(signature).rstrip(b"=")]).decode()
