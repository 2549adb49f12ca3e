"""The officer's machine: a token in software, and the program that signs with it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from tests.gateway.payer import decode
from tests.gateway.proofs.conftest import Trusted
from tests.gateway.proofs.pki import Key, Signer
from tests.gateway.proofs.provers import COUNTER, Prover, make_officer
from tests.gateway.world import canonical

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
LABEL, PIN = "can-bo", "123456"
# The library cannot be loaded anew with another configuration, so each use is a process.
STORE = """
import sys, pkcs11
from pkcs11 import Attribute, ObjectClass
from pkcs11.util.{kind} import {decoder}
module, label, pin, key, certificate = sys.argv[1:6]
token = pkcs11.lib(module).get_token(token_label=label)
with token.open(rw=True, user_pin=pin) as session:
    attributes = {decoder}(open(key, "rb").read())
    attributes.update({{Attribute.TOKEN: True, Attribute.ID: b"1", Attribute.SIGN: True}})
    session.create_object(attributes)
    session.create_object({{
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: pkcs11.constants.CertificateType.X_509,
        Attribute.TOKEN: True, Attribute.ID: b"1", Attribute.SUBJECT: b"",
        Attribute.VALUE: open(certificate, "rb").read(),
    }})
"""


@dataclass
class Card:
    """A token with one key, and the program that signs with it."""

    folder: Path
    signer: Signer

    @property
    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def run(self, *arguments: str, pin: str = PIN) -> subprocess.CompletedProcess[str]:
        (self.folder / "pin").write_text(f"{pin}\n")
        told = ["--module", MODULE, "--token", LABEL, "--pin-file", str(self.folder / "pin")]
        command = [sys.executable, "-m", "deploy", "officer", *arguments, *told]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    def sign(self, payload: bytes, *, pin: str = PIN) -> subprocess.CompletedProcess[str]:
        intent = self.folder / "intent.json"
        intent.write_bytes(payload)
        return self.run("sign", "--intent", str(intent), pin=pin)


def insert(folder: Path, signer: Signer) -> Card:
    (folder / "tokens").mkdir()
    settings = f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
    (folder / "softhsm2.conf").write_text(settings)
    card = Card(folder, signer)
    begin = ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", "87654321"]
    _run([*begin, "--pin", PIN], card)
    is_rsa = isinstance(signer.key, rsa.RSAPrivateKey)
    (folder / "key.der").write_bytes(_stored_key(signer.key))
    (folder / "certificate.der").write_bytes(signer.certificate.public_bytes(Encoding.DER))
    kind, decoder = ("rsa", "decode_rsa_private_key") if is_rsa else ("ec", "decode_ec_private_key")
    script = STORE.format(kind=kind, decoder=decoder)
    files = [str(folder / "key.der"), str(folder / "certificate.der")]
    _run([sys.executable, "-c", script, MODULE, LABEL, PIN, *files], card)
    return card


def _stored_key(key: Key) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())


def _run(command: list[str], card: Card) -> None:
    done = subprocess.run(
        command, env=card.environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", ["rsa-2048", "ec-p256"])
async def test_a_token_is_bound_and_confirms_a_fee_at_the_counter(
    quick_trusted: Trusted, tmp_path: Path, kind: str
) -> None:
    key: Key = (
        rsa.generate_private_key(65537, 2048)
        if kind == "rsa-2048"
        else ec.generate_private_key(ec.SECP256R1())
    )
    folder = tmp_path / "card"
    folder.mkdir()
    card = insert(folder, quick_trusted.officer.issue("CAN BO MOT CUA", key=key))
    officer = await make_officer(quick_trusted)
    challenge = (await officer.post("/v1/certificate-challenges")).json()["challenge"]

    bound = card.run("bind", "--challenge", challenge)
    signature = {"form": "jws", "value": bound.stdout.strip()}
    answer = await officer.post(
        "/v1/certificates",
        {"authority": "officer", "challenge": challenge, "signature": signature},
    )
    assert answer.status_code == 201, bound.stderr + answer.text

    async def proof(_opened: dict[str, object], payload: bytes) -> dict[str, object]:
        signed = card.sign(payload)
        assert signed.returncode == 0, signed.stderr
        assert "Quầy: Quầy 3, két: K-01" in signed.stderr
        assert "150000 VND" in signed.stderr
        return {"kind": "officer-token", "jws": signed.stdout.strip()}

    prover = Prover(officer, proof, COUNTER)
    confirmed = await prover.prove(await prover.open())

    assert confirmed.status_code == 200, confirmed.text
    assert confirmed.json()["assurance"] == "officer-token"


async def test_the_agent_signs_nothing_but_a_counters_fee(
    quick_trusted: Trusted, tmp_path: Path
) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    card = insert(folder, quick_trusted.officer.issue())
    officer = await make_officer(quick_trusted)
    prover = Prover(officer, lambda _opened, _payload: _never(), COUNTER)
    raw = decode((await prover.open())["intent_bytes"])
    payers = await officer.open_confirmation()

    refused = [
        card.sign(b"lephi-certificate-binding.anything"),
        card.sign(decode(payers["intent_bytes"])),
        card.sign(raw + b" "),
        card.sign(canonical({"typ": "lephi-fee-intent/1", "role": "counter"})),
        card.run("bind", "--challenge", raw.decode()),
    ]
    wrong_pin = card.sign(raw, pin="000000")

    assert [(one.returncode, one.stdout) for one in refused] == [(2, "")] * 5
    assert (wrong_pin.returncode, wrong_pin.stdout) == (1, "")
    assert "PIN is wrong" in wrong_pin.stderr


async def _never() -> dict[str, object]:
    raise AssertionError("nothing is proved here")
