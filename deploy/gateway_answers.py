"""What a client of the gateway does with an answer to a write: believes it only if it is signed."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Self

import httpx

from chassis.clock import Clock
from chassis.keys import PublicKey, key_of_jwk
from chassis.message_signatures import AnswerChecks

KEY_SET: Final = "/.well-known/jwks.json"
KEY_MEMBERS: Final = ("kty", "crv", "x", "y", "n", "e")


class GatewayAnswers:
    def __init__(self, keys: Mapping[str, PublicKey], *, clock: Clock) -> None:
        self._checks = AnswerChecks(keys, clock=clock)

    @classmethod
    def from_anchors(cls, path: Path, *, clock: Clock) -> Self:
        """By keys that were handed over beforehand."""
        anchors = json.loads(path.read_text("utf-8"))
        keys = {kid: key_of_jwk(jwk) for kid, jwk in anchors["answer_keys"].items()}
        return cls(keys, clock=clock)

    @classmethod
    async def from_published(
        cls, http: httpx.AsyncClient, gateway_url: str, *, clock: Clock
    ) -> Self:
        """By the keys the gateway publishes; raises httpx.HTTPError when it cannot be asked."""
        reply = await http.get(gateway_url.rstrip("/") + KEY_SET)
        reply.raise_for_status()
        keys = {jwk["kid"]: key_of_jwk(_bare(jwk)) for jwk in reply.json()["keys"]}
        return cls(keys, clock=clock)

    def check(self, reply: httpx.Response) -> None:
        """Raises BadSignature unless the gateway said this, and to this very request."""
        self._checks.check(
            status=reply.status_code,
            headers=dict(reply.headers),
            body=reply.content,
            method=reply.request.method,
            url=str(reply.request.url),
            request_headers=list(reply.request.headers.items()),
        )


def _bare(jwk: Mapping[str, Any]) -> dict[str, Any]:
    return {name: jwk[name] for name in KEY_MEMBERS if name in jwk}
