"""The recipe that receivers copy from the README must work as it is written."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.notification.channels.webhook import public_key_text, sign_webhook

README = Path(__file__).parents[2] / "services" / "notification" / "README.md"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SENT_AT = 1_795_410_000
BODY = b'{"type":"receipt.issued.v1"}'


@pytest.fixture(scope="module")
def recipe() -> Any:
    code = README.read_text().split("```python\n", 1)[1].split("```", 1)[0]
    names: dict[str, Any] = {}
    exec(code, names)
    return names["verify"]


def headers(signature: str) -> dict[str, str]:
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(SENT_AT),
        "webhook-signature": signature,
    }


def test_the_recipe_takes_what_we_sign(recipe: Any) -> None:
    signature = sign_webhook(KEY, "evt_1", SENT_AT, BODY)
    public_key = public_key_text(KEY.public_key())

    assert recipe(public_key, headers(signature), BODY, now=SENT_AT + 1)
    assert recipe(public_key, headers(f"v1,AAAA {signature}"), BODY, now=SENT_AT + 1)


def test_the_recipe_refuses_what_is_edited_forged_or_old(recipe: Any) -> None:
    signature = sign_webhook(KEY, "evt_1", SENT_AT, BODY)
    forged = sign_webhook(Ed25519PrivateKey.from_private_bytes(bytes(32)), "evt_1", SENT_AT, BODY)
    public_key = public_key_text(KEY.public_key())

    assert not recipe(public_key, headers(signature), BODY + b" ", now=SENT_AT)
    assert not recipe(public_key, headers(forged), BODY, now=SENT_AT)
    assert not recipe(public_key, headers(signature), BODY, now=SENT_AT + 301)
