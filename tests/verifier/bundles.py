"""Bundles of the first form, as the gateway made them, from real keys and real documents."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from chassis.canonical import sha256_hex
from chassis.ids import SystemIds
from chassis.keys import load_private_key, public_jwk, thumbprint
from chassis.message_signatures import (
    CALLBACK,
    FEE_REQUEST,
    RequestSigner,
    Shape,
    SignedMessage,
    algorithm_of,
    verify,
)
from chassis.testing import FrozenClock
from gateway.authentication.evidence.bundle_signer import JwsBundleSigner
from gateway.domain.evidence.bundle import pack
from tests.receipt.samples import INTENT_ID, NOON

ORIGIN: Final = "https://gw.example"
SHOWN: Final = "Bạn xác nhận nộp 1.234.567 đồng".encode()
PAYEE: Final = {
    "code": "H19.25",
    "name": "Văn phòng Đăng ký đất đai tỉnh Đồng Nai",
    "bank_bin": "970436",
    "account_number": "0011004000111",
    "account_name": "VP DANG KY DAT DAI",
}
INTENT: Final[Mapping[str, Any]] = {
    "typ": "lephi-fee-intent/1",
    "aud": ORIGIN,
    "txn": str(INTENT_ID),
    "dossier": "H19.25-261123-0001",
    "payee": PAYEE,
    "payer": "user-1",
    "items": [{"code": "P-001", "name": "Phí", "amount": "1234567"}],
    "amount": "1234567",
    "currency": "VND",
    "method": "vietqr",
    "tpl": "confirm-vi/1",
    "iat": (NOON - timedelta(minutes=3)).isoformat(),
    "exp": (NOON + timedelta(minutes=2)).isoformat(),
    "nonce": "0123456789abcdefghijkl",
}
NOTICE: Final[Mapping[str, Any]] = {
    "notice_id": "n-1",
    "provider_reference": "FT26327000000001",
    "bill_number": "LPABCDEFGHIJ",
    "purpose": "LPABCDEFGHIJ",
    "bank_bin": "970436",
    "account_number": "0011004000111",
    "amount": 1_234_567,
    "currency": "VND",
    "outcome": "succeeded",
    "paid_at": NOON.isoformat(),
}
Change = Callable[[dict[str, bytes]], None]


@dataclass(frozen=True)
class BundleMaker:
    keys_dir: Path
    receipts: Mapping[str, bytes]

    def make(
        self, change: Change | None = None, *, notice: Mapping[str, Any] = NOTICE, **intent: Any
    ) -> bytes:
        """An honest bundle; `change` works on its files before they are listed and signed."""
        files = self.files(notice=notice, **intent)
        if change is not None:
            change(files)
        return self.pack(files)

    def files(self, *, notice: Mapping[str, Any] = NOTICE, **intent: Any) -> dict[str, bytes]:
        return {
            **self._request("1-dossier-submission", "portal-demo", FEE_REQUEST, {"a": 1}),
            **self._request("2-provider-notification", "bank-sandbox", CALLBACK, notice),
            **confirmation({**INTENT, **intent}),
            **self.receipts,
        }

    def pack(self, files: Mapping[str, bytes]) -> bytes:
        signer = JwsBundleSigner.from_file(self.keys_dir / "gateway" / "evidence.key.pem")
        manifest = rfc8785.dumps(
            {
                "format": "lephi-evidence/1",
                "payment_intent_id": str(INTENT_ID),
                "made_at": NOON.isoformat(),
                "files": {name: sha256_hex(content) for name, content in files.items()},
            }
        )
        signed = {"manifest.json": manifest, "manifest.jws": signer.sign(manifest).encode()}
        return pack({**files, **signed})

    def _request(
        self, name: str, client_id: str, shape: Shape, said: Mapping[str, Any]
    ) -> dict[str, bytes]:
        key = load_private_key(self.keys_dir / "clients" / f"{client_id}.key.pem")
        key_id, url = thumbprint(key.public_key()), f"{ORIGIN}/v1/somewhere"
        body, clock = json.dumps(said).encode(), FrozenClock(NOON)
        extra = {"idempotency-key": "key-0001"} if shape is FEE_REQUEST else None
        headers = RequestSigner(client_id, key_id, key, clock=clock, ids=SystemIds()).headers(
            "POST", url, body, shape=shape, extra=extra
        )
        message = SignedMessage(method="POST", url=url, headers=[*headers.items()], body=body)
        verified = verify(message, shape=shape, key=key.public_key(), now=NOON)
        record: dict[str, Any] = {
            "client_id": client_id,
            "key_id": key_id,
            "algorithm": algorithm_of(key),
            "public_jwk": public_jwk(key.public_key()),
            "signature": b64encode(verified.signature).decode(),
            "received_at": NOON.isoformat(),
            "method": "POST",
            "target_uri": url,
            "headers": {n: v for n, v in verified.covered.items() if not n.startswith("@")},
        }
        return {
            f"requests/{name}/record.json": rfc8785.dumps(record),
            f"requests/{name}/body.bin": body,
            f"requests/{name}/signature-base.txt": verified.base,
        }


def confirmation(intent: Mapping[str, Any], **changes: Any) -> dict[str, bytes]:
    """What a payer's device leaves behind when it agrees."""
    key = generate_private_key(SECP256R1())
    raw = rfc8785.dumps(dict(intent))
    record = {
        "confirmation_id": "0199",
        "user_id": "user-1",
        "device_jwk": public_jwk(key.public_key()),
        "jws": detached_jws(key, raw),
        "totp_step": 59_000_000,
        "shown_sha256": sha256_hex(SHOWN),
        "confirmed_at": NOON.isoformat(),
        "assurance": "password+totp+device-key",
        **changes,
    }
    return {"intent.json": raw, "shown.txt": SHOWN, "confirmation.json": rfc8785.dumps(record)}


def detached_jws(key: EllipticCurvePrivateKey, payload: bytes, **header: Any) -> str:
    said = {
        "alg": "ES256",
        "b64": False,
        "crit": ["b64"],
        "typ": "lephi-fee-intent+jws",
        "kid": thumbprint(key.public_key()),
        **header,
    }
    protected = base64url(json.dumps(said).encode())
    der = key.sign(f"{protected}.".encode() + payload, ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    return f"{protected}..{base64url(r.to_bytes(32) + s.to_bytes(32))}"


def base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
