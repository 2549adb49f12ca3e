"""What the gateway has to know of the sandbox provider."""

import json
from pathlib import Path
from typing import Any, Final

from chassis.ids import Ids, SystemIds
from deploy.sandbox_identity.provider import LEVELS, RelyingClient

NAME: Final = "sandbox"
CLIENT_ID: Final = "lephi-gateway"


def federations(issuer: str, *, secret: str) -> dict[str, Any]:
    return {
        NAME: {
            "issuer": issuer,
            "title": "Định danh thử nghiệm",
            "client_id": CLIENT_ID,
            "client_secret": secret,
            "scopes": ["openid", "profile"],
            "acr_map": {
                LEVELS[1]: "urn:lephi:acr:mfa",
                LEVELS[0]: "urn:lephi:acr:federated",
            },
        }
    }


def relying_client(gateway_url: str, *, secret: str) -> RelyingClient:
    callback = f"{gateway_url}/v1/federations/{NAME}/callback"
    return RelyingClient(client_id=CLIENT_ID, redirect_uris=frozenset({callback}), secret=secret)


def ensure_federations_file(
    path: Path, *, issuer: str, gateway_url: str, ids: Ids | None = None
) -> RelyingClient:
    """Written once, for its owner's eyes only; afterwards the secret in it is the one."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            federations(issuer, secret=(ids or SystemIds()).token(32)),
            ensure_ascii=False,
            indent=2,
        )
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(text + "\n")
    known = json.loads(path.read_text())[NAME]
    return relying_client(gateway_url, secret=known["client_secret"])
