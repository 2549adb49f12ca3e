"""A portal that asks for tokens and uses them; every right thing it sends may be changed."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from chassis.ids import SystemIds
from chassis.keys import PrivateKey, load_private_key, public_jwk, thumbprint
from tests.gateway.registrars import new_key
from tests.gateway.world import ORIGIN, World

TOKEN_PATH = "/oauth2/token"
FORM = "application/x-www-form-urlencoded"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CERTIFICATE_HEADER = "x-client-cert"


def client_key(world: World, client_id: str = "portal-demo") -> PrivateKey:
    return load_private_key(world.settings.keys_dir / "clients" / f"{client_id}.key.pem")


def encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Portal:
    world: World
    key: EllipticCurvePrivateKey = field(default_factory=new_key)
    nonce: str = ""
    token: str = ""

    @property
    def now(self) -> int:
        return int(self.world.clock.now().timestamp())

    def assertion(
        self,
        *,
        client_id: str = "portal-demo",
        key: Any = None,
        algorithm: str = "EdDSA",
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        signing = client_key(self.world, client_id) if key is None else key
        registered = client_key(self.world, client_id).public_key()
        said = {
            "iss": client_id,
            "sub": client_id,
            "aud": ORIGIN,
            "iat": self.now,
            "exp": self.now + 60,
            "jti": SystemIds().token(16),
            **claims,
        }
        kept = {name: value for name, value in said.items() if value is not None}
        named = {"kid": thumbprint(registered), **(header or {})}
        return jwt.encode(kept, signing, algorithm=algorithm, headers=_kept(named))

    def proof(
        self,
        method: str = "POST",
        path: str = TOKEN_PATH,
        *,
        key: Any = None,
        algorithm: str = "ES256",
        header: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        said = {
            "htm": method,
            "htu": ORIGIN + path,
            "iat": self.now,
            "jti": SystemIds().token(16),
            "nonce": self.nonce,
            **claims,
        }
        kept = {name: value for name, value in said.items() if value is not None}
        shown = {"typ": "dpop+jwt", "jwk": public_jwk(self.key.public_key()), **(header or {})}
        return jwt.encode(
            kept, self.key if key is None else key, algorithm=algorithm, headers=_kept(shown)
        )

    async def ask(
        self,
        *,
        assertion: str | None = None,
        proof: str | None = None,
        headers: Mapping[str, str] | None = None,
        **form: Any,
    ) -> httpx.Response:
        """One request as given; nothing is put right. An empty proof sends none."""
        fields = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion() if assertion is None else assertion,
            **form,
        }
        sent = {"content-type": FORM, **(headers or {})}
        given = self.proof() if proof is None else proof
        if given:
            sent["dpop"] = given
        return await self.world.http.post(TOKEN_PATH, content=urlencode(fields), headers=sent)

    async def learn_nonce(self) -> None:
        answer = await self.ask()
        assert answer.json()["error"] == "use_dpop_nonce", answer.text
        self.nonce = answer.headers["dpop-nonce"]

    async def sign_on(self, *, scope: str = "") -> httpx.Response:
        await self.learn_nonce()
        form: dict[str, Any] = {"scope": scope} if scope else {}
        answer = await self.ask(**form)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        self.nonce = answer.headers["dpop-nonce"]
        return answer

    def read_proof(self, path: str = "/v1/dossiers", **changes: Any) -> str:
        ath = encoded(sha256(self.token.encode()).digest())
        return self.proof("GET", path, **{"ath": ath, **changes})

    async def read(
        self, target: str = "/v1/dossiers", *, proof: str | None = None, token: str = ""
    ) -> httpx.Response:
        given = self.read_proof(target.partition("?")[0]) if proof is None else proof
        headers = {"authorization": f"DPoP {token or self.token}", "dpop": given}
        return await self.world.http.get(target, headers=headers)


def _kept(header: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in header.items() if value is not None}
