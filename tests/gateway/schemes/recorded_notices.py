"""Recorded notices that each scheme accepts, with keys and secrets of nobody."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import httpx

from chassis.testing import FrozenClock
from gateway.authentication.schemes import SCHEMES
from gateway.domain.callbacks.notice import Material, Parts, Proof

RECORDED: Final = Path(__file__).parent / "recorded"
# Message signatures have a door and tests of their own.
JUDGED: Final = sorted(set(SCHEMES) - {"rfc9421"})
SHARED_SECRET: Final = sorted(set(JUDGED) - {"jws"})
# What proves these covers no body: they are asked before anything moves.
BEARER: Final = frozenset({"vietqr"})
AT: Final = datetime.fromisoformat("2026-11-23T02:00:00+00:00")
SECRET: Final = "DEVELOPERSECRETKEY00000000000000"


@dataclass(frozen=True, slots=True)
class Recorded:
    scheme: str
    parts: Parts
    material: Material

    def verify(self, parts: Parts | None = None, material: Material | None = None) -> Proof:
        verify = SCHEMES[self.scheme].verify
        assert verify is not None
        return verify(parts or self.parts, material or self.material)

    def with_body(self, **changes: Any) -> Parts:
        """The recorded body with members changed; None leaves one out."""
        said = {**json.loads(self.parts.body), **changes}
        kept = {name: value for name, value in said.items() if value is not None}
        return replace(self.parts, body=written(kept))

    def with_header(self, name: str, value: str) -> Parts:
        kept = tuple(one for one in self.parts.headers if one[0] != name)
        return replace(self.parts, headers=(*kept, (name, value)))


def recorded(scheme: str) -> Recorded:
    said = json.loads((RECORDED / f"{scheme}.json").read_text("utf-8"))
    parts = Parts(
        method=SCHEMES[scheme].method,
        query=said.get("query", ""),
        headers=tuple(said.get("headers", {}).items()),
        body=said.get("body", "").encode(),
        received_at=datetime.fromisoformat(said["received_at"]),
    )
    material = Material(secrets=said.get("secrets", {}), public_jwk=said.get("public_jwk", {}))
    return Recorded(scheme, parts, material)


def written(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def refused(answer: httpx.Response) -> str:
    """Our code, as a problem says it or, in a provider's own form of an answer, a header."""
    if answer.headers["content-type"] == "application/problem+json":
        assert answer.status_code >= 400
        code = answer.json()["code"]
    else:
        code = answer.headers["lephi-refusal"]
    return str(code)


def clock() -> FrozenClock:
    return FrozenClock(AT)
