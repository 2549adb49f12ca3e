"""A whole gateway whose fees leave evidence: its audit log kept, its authority of time at hand."""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.clock import Clock
from chassis.ids import SystemIds
from deploy.sandbox_authority.time_stamps import TimeStamper
from gateway.authentication.audit.checkpoint_signer import JwsCheckpointSigner
from gateway.authentication.evidence.stamp_tokens import TrustedStamps
from gateway.domain.evidence.errors import TimeStampUnavailable
from gateway.domain.evidence.stamp import TimeStamp
from gateway.providers.time_stamps import _request
from tests.gateway.audit.rig import Rig
from tests.gateway.proofs.conftest import Trusted
from tests.gateway.proofs.provers import PROVERS
from tests.gateway.world import DOSSIER_ID, PAYMENT_INTENT_ID, World, about_payment, json_answer

EVIDENCE: Final = f"/v1/payment-intents/{PAYMENT_INTENT_ID}/evidence"
# As the payee of the fee that the payment service plays is paid.
NOTICE: Final[Mapping[str, Any]] = {
    "notice_id": "n-1",
    "provider_reference": "FT26327000000001",
    "bill_number": "LPABCDEFGHIJ",
    "purpose": "LPABCDEFGHIJ",
    "bank_bin": "970436",
    "account_number": "0123456789",
    "amount": 150_000,
    "currency": "VND",
    "outcome": "succeeded",
}
NONCE: Final = 4711


@dataclass
class OwnStamps:
    """The sandbox authority without a wire, and the same checks of its word."""

    stamper: TimeStamper
    trusted: TrustedStamps
    clock: Clock
    down: bool = False
    stamped: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, keys_dir: Path, clock: Clock) -> "OwnStamps":
        trusted = TrustedStamps.from_directory(keys_dir / "trust" / "tsa-ca", clock=clock)
        return cls(TimeStamper.from_directory(keys_dir), trusted, clock)

    async def stamp(self, content: bytes) -> TimeStamp:
        if self.down:
            raise TimeStampUnavailable("it is down")
        self.stamped.append(content)
        token = token_of(self.stamper, content, clock=self.clock)
        imprint = hashlib.sha256(content).digest()
        return TimeStamp(token=token, at=self.trusted.check(token, imprint=imprint, nonce=NONCE))


def token_of(stamper: TimeStamper, content: bytes, *, clock: Clock, nonce: int = NONCE) -> bytes:
    asked = _request(hashlib.sha256(content).digest(), nonce)
    answer = stamper.answer(asked, serial=SystemIds().new().int, now=clock.now())
    token: bytes = tsp.TimeStampResp.load(answer)["time_stamp_token"].dump()
    return token


@dataclass
class EvidenceRig:
    trusted: Trusted
    log: Rig
    stamps: OwnStamps

    @classmethod
    def of(cls, trusted: Trusted) -> "EvidenceRig":
        world = trusted.world
        keys_dir = world.settings.keys_dir
        signer = JwsCheckpointSigner.from_directory(keys_dir / "gateway")
        return cls(
            trusted,
            Rig(world.database, signer, world.clock, every=timedelta(seconds=1)),
            OwnStamps.of(keys_dir, world.clock),
        )

    @property
    def world(self) -> World:
        return self.trusted.world

    def have_stamped(self) -> None:
        tools = self.world.app.state.tools
        self.world.app.state.tools = replace(tools, time_stamps=self.stamps)

    async def submit(self) -> None:
        answers = self.world.upstream.answers
        submitted = {"id": DOSSIER_ID, "payment_intent_id": PAYMENT_INTENT_ID}
        answers["POST", "/v1/dossiers"] = json_answer(submitted, 201)
        answers["GET", "/v1/receipts"] = json_answer({"items": []})
        assert (await self.world.send(self.world.dossier())).status_code == 201

    async def agree(self, kind: str = "device-key") -> None:
        prover = await PROVERS[kind](self.trusted)
        answer = await prover.prove(await prover.open())
        assert answer.status_code == 200, answer.text

    async def pay(self) -> None:
        self.world.upstream.answers["POST", "/v1/provider-notifications/sandbox"] = about_payment(
            json_answer({"status": "settled", "payment_intent_id": PAYMENT_INTENT_ID})
        )
        self.world.clock.advance(timedelta(seconds=1))
        notice = {**NOTICE, "paid_at": self.world.clock.now().isoformat()}
        sent = self.world.notification(json.dumps(notice).encode())
        assert (await self.world.send(sent)).status_code == 200

    async def keep_log(self) -> None:
        """Everything has its place, and a checkpoint covers it."""
        self.world.clock.advance(timedelta(seconds=2))
        await self.log.keep()

    async def travel(self, kind: str = "device-key") -> None:
        await self.submit()
        await self.agree(kind)
        await self.pay()
        await self.keep_log()

    async def export(self) -> bytes:
        answer = await self.world.send(self.world.read(EVIDENCE))
        assert answer.status_code == 200, answer.text
        return answer.content

    def anchors(self) -> dict[str, Any]:
        file = self.world.settings.var_dir / "trust" / "anchors.json"
        said: dict[str, Any] = json.loads(file.read_text("utf-8"))
        for name, authority in (("person", self.trusted.person), ("officer", self.trusted.officer)):
            said[f"{name}_ca"] = [authority.certificate.public_bytes(Encoding.PEM).decode()]
        return said


def unpack(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
