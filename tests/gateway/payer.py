"""A payer with a code generator and a device, as a test needs them."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwt.api_jws import PyJWS

from chassis.canonical import canonical_json
from chassis.keys import public_jwk, thumbprint
from tests.gateway.world import PAYMENT_INTENT_ID, World, json_answer, payment_body

PASSWORD = "một mật khẩu đủ dài"
CONFIRMATIONS = f"/v1/payment-intents/{PAYMENT_INTENT_ID}/confirmations"


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Payer:
    world: World
    username: str
    id: str = ""
    secret: str = ""
    token: str = ""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def kid(self) -> str:
        return thumbprint(self.key.public_key())

    def code(self) -> str:
        """A code of a step that was not used before: half a minute passes."""
        self.world.clock.advance(timedelta(seconds=30))
        return self.code_now()

    def code_now(self) -> str:
        return pyotp.TOTP(self.secret).at(self.world.clock.now())

    def wrong_code(self) -> str:
        fitting = {
            pyotp.TOTP(self.secret).at(self.world.clock.now(), counter_offset=offset)
            for offset in (-1, 0, 1)
        }
        return next(code for code in (f"{n:06}" for n in range(10)) if code not in fitting)

    async def post(self, target: str, body: Any = None) -> httpx.Response:
        headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.world.http.post(target, json=body, headers=headers)

    async def open_account(self) -> None:
        opened = await self.post(
            "/v1/accounts",
            {"username": self.username, "password": PASSWORD, "full_name": "Nguyễn Văn An"},
        )
        assert opened.status_code == 201, opened.text
        self.id = opened.json()["id"]
        self.secret = pyotp.parse_uri(opened.json()["totp_uri"]).secret
        done = await self.post(f"/v1/accounts/{self.id}/totp-activations", {"code": self.code()})
        assert done.status_code == 204, done.text

    async def sign_in(self) -> httpx.Response:
        answer = await self.post(
            "/v1/sessions",
            {"username": self.username, "password": PASSWORD, "totp": self.code()},
        )
        self.token = answer.json().get("token", "")
        return answer

    async def enrol(self) -> httpx.Response:
        challenge = (await self.post("/v1/device-key-challenges")).json()["challenge"]
        proof = PyJWS().encode(challenge.encode(), self.key, "ES256", headers={"kid": self.kid})
        return await self.post(
            "/v1/device-keys",
            {"jwk": public_jwk(self.key.public_key()), "proof": proof, "totp": self.code()},
        )

    async def open_confirmation(self) -> dict[str, Any]:
        answer = await self.post(CONFIRMATIONS, {"method": "vietqr"})
        assert answer.status_code == 201, answer.text
        opened: dict[str, Any] = answer.json()
        return opened

    def sign(self, payload: bytes, **changes: Any) -> str:
        """A detached JWS over the payload, as the device makes it, unless the header is changed."""
        header = {
            "alg": "ES256",
            "b64": False,
            "crit": ["b64"],
            "typ": "lephi-fee-intent+jws",
            "kid": self.kid,
            **changes,
        }
        kept = {name: value for name, value in header.items() if value is not None}
        return sign_detached(self.key, encode(canonical_json(kept)), payload)

    async def prove(
        self, opened: dict[str, Any], *, jws: str = "", code: str = ""
    ) -> httpx.Response:
        return await self.post(
            f"/v1/confirmations/{opened['confirmation_id']}/proof",
            {
                "jws": jws or self.sign(decode(opened["intent_bytes"])),
                "totp": code or self.code(),
            },
        )


def sign_detached(key: ec.EllipticCurvePrivateKey, header: str, payload: bytes) -> str:
    der = key.sign(header.encode() + b"." + payload, ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    return f"{header}..{encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


async def make_payer(world: World, username: str = "nguyen.van.an") -> Payer:
    """Account, session and device: ready to confirm."""
    payer = Payer(world, username)
    await payer.open_account()
    assert (await payer.sign_in()).status_code == 201
    assert (await payer.enrol()).status_code == 201
    return payer


def play_payment(world: World, **changes: Any) -> None:
    """The payment service knows one intent and takes its confirmation."""
    path = f"/v1/payment-intents/{PAYMENT_INTENT_ID}"
    world.upstream.answers["GET", path] = json_answer(payment_body(**changes))
    confirmed = payment_body(status="confirmed", qr_payload="000201…", bill_reference="LP1")
    world.upstream.answers["POST", f"{path}/confirmation"] = json_answer(confirmed)


def intent_id() -> UUID:
    return UUID(PAYMENT_INTENT_ID)
