"""Signs by hand, so that a test can sign what our own signer never would."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chassis.canonical import content_digest
from chassis.ids import SystemIds
from chassis.keys import load_private_key, thumbprint
from tests.gateway.world import DOSSIER, ORIGIN, Signed, World

COMPONENTS = (
    "@method",
    "@target-uri",
    "content-digest",
    "content-type",
    "idempotency-key",
    "lephi-client",
)


def craft(
    world: World,
    *,
    components: Sequence[str] = COMPONENTS,
    parameters: Mapping[str, Any] | None = None,
    drop: str = "",
    label: str = "lephi",
    origin: str = ORIGIN,
    body: bytes = DOSSIER,
) -> Signed:
    """A dossier request with a right signature over what it says; what it says may be wrong."""
    key = load_private_key(world.settings.keys_dir / "clients" / "portal-demo.key.pem")
    assert isinstance(key, Ed25519PrivateKey)
    now = int(world.clock.now().timestamp())
    stated: dict[str, Any] = {
        "created": now,
        "expires": now + 60,
        "nonce": SystemIds().token(16),
        "keyid": thumbprint(key.public_key()),
        "tag": "lephi-fee-request-1",
        **(parameters or {}),
    }
    stated.pop(drop, None)
    fields = {
        "@method": "POST",
        "@target-uri": f"{origin}/v1/dossiers",
        "@authority": "127.0.0.1:8400",
        "content-digest": content_digest(body),
        "content-type": "application/json",
        "idempotency-key": "order-0001",
        "lephi-client": "portal-demo",
    }
    params = "".join(f";{name}={_bare(value)}" for name, value in stated.items())
    names = " ".join(_quoted(name) for name in components)
    lines = [f"{_quoted(name)}: {fields[name.partition(';')[0]]}" for name in components]
    base = "\n".join([*lines, f'"@signature-params": ({names}){params}'])
    signature = b64encode(key.sign(base.encode())).decode()
    headers = [(name, value) for name, value in fields.items() if name[0] != "@"]
    headers += [
        ("signature-input", f"{label}=({names}){params}"),
        ("signature", f"{label}=:{signature}:"),
    ]
    return Signed("POST", "/v1/dossiers", headers, body)


def _quoted(name: str) -> str:
    bare, _, flag = name.partition(";")
    return f'"{bare}"' + (f";{flag}" if flag else "")


def _bare(value: Any) -> str:
    return str(value) if isinstance(value, int) else f'"{value}"'
