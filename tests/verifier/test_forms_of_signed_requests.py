"""Whatever form of signature the gateway accepts, its evidence is proved offline as well."""

import hashlib
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.canonical import content_digest
from chassis.keys import public_jwk, thumbprint
from chassis.message_signatures import FEE_REQUEST, SignedMessage, verify
from chassis.testing import FrozenClock
from deploy.verifier.anchors import Anchors
from deploy.verifier.signed_request import read_signed_request
from deploy.verifier.verdict import Broken
from tests.gateway.corpus.recipe import Recipe

KEY = Ed25519PrivateKey.generate()
KEY_ID = thumbprint(KEY.public_key())
ORIGIN = "https://Gateway.Example:443"
NOW = FrozenClock().now()
ANCHORS = Anchors.of({"clients": {"portal": {KEY_ID: public_jwk(KEY.public_key())}}})
RECIPE = Recipe(
    method="POST",
    target="/v1/dossiers?x=1",
    origin=ORIGIN,
    body=b'{"amount":1}',
    client_id="portal",
    key=KEY,
    headers=(("content-type", "application/json"), ("idempotency-key", "order-0001")),
    components=tuple(f'"{name}"' for name in FEE_REQUEST.components),
    parameters=(
        ("created", str(int(NOW.timestamp()))),
        ("expires", str(int(NOW.timestamp()) + 60)),
        ("nonce", '"NONCE"'),
        ("keyid", f'"{KEY_ID}"'),
        ("tag", f'"{FEE_REQUEST.tag}"'),
    ),
)
SPLIT = replace(
    RECIPE,
    components=('"@authority"', '"@path"', '"@query"', *(
        name for name in RECIPE.components if name != '"@target-uri"'
    )),
    says={"@authority": "gateway.example"},
)  # fmt: skip


def sha512(body: bytes) -> str:
    return f"sha-512=:{b64encode(hashlib.sha512(body).digest()).decode()}:"


def evidence_of(recipe: Recipe) -> dict[str, Any]:
    """As the gateway keeps a request that it has verified."""
    wire = recipe.sign()
    url = ORIGIN + wire.target
    message = SignedMessage(method="POST", url=url, headers=wire.headers, body=wire.body)
    verified = verify(
        message,
        shape=FEE_REQUEST,
        key=KEY.public_key(),
        now=NOW,
        splits_target='"@authority"' in recipe.components,
    )
    record = {
        "client_id": "portal",
        "key_id": KEY_ID,
        "algorithm": "ed25519",
        "public_jwk": public_jwk(KEY.public_key()),
        "signature": b64encode(verified.signature).decode(),
        "received_at": NOW.isoformat(),
        "method": "POST",
        "target_uri": url,
        "headers": {n: v for n, v in verified.covered.items() if not n.startswith("@")},
    }
    return {"record": record, "body": wire.body, "base": verified.base}


def read(*, record: dict[str, Any], body: bytes, base: bytes) -> None:
    read_signed_request(
        "dossier-submission", record=rfc8785.dumps(record), body=body, base=base, anchors=ANCHORS
    )


@pytest.mark.parametrize(
    "recipe",
    [
        RECIPE,
        SPLIT,
        replace(RECIPE, digest=sha512),
        replace(RECIPE, digest=lambda body: f"{content_digest(body)}, {sha512(body)}"),
        RECIPE.parameter("alg", '"ed25519"'),
        replace(RECIPE.header("dpop", "proof"), components=(*RECIPE.components, '"dpop"')),
    ],
    ids=["usual", "split target", "sha-512", "two digests", "alg", "dpop"],
)
def test_every_accepted_form_is_proved_and_no_other_target_or_body(recipe: Recipe) -> None:
    kept = evidence_of(recipe)

    read(**kept)

    with pytest.raises(Broken):
        read(**{**kept, "body": b'{"amount":2}'})
    for target in (f"{ORIGIN}/v1/dossiers", "https://evil.example/v1/dossiers?x=1"):
        with pytest.raises(Broken):
            read(**{**kept, "record": {**kept["record"], "target_uri": target}})
