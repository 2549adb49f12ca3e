"""A key inside a token in software, made there and not to be taken out."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_der_public_key

from tests.receipt.renderers.test_receipt_xml import xmlsec1_accepts
from tests.receipt.signers.pki import Authority, pem

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
LABEL, PIN, KEY = "bien-lai", "123456", "receipts"
# The library reads where its tokens are once a process, so each use is one of its own.
MAKE = """
import sys, pkcs11
from pkcs11 import Attribute, KeyType
from pkcs11.util.ec import encode_named_curve_parameters, encode_ec_public_key
from pkcs11.util.rsa import encode_rsa_public_key
module, label, pin, key, kind = sys.argv[1:6]
token = pkcs11.lib(module).get_token(token_label=label)
with token.open(rw=True, user_pin=pin) as session:
    private = {Attribute.EXTRACTABLE: False, Attribute.SENSITIVE: True}
    if kind == "rsa":
        public, _ = session.generate_keypair(
            KeyType.RSA, 2048, id=b"1", label=key, store=True, private_template=private)
        from asn1crypto.keys import PublicKeyInfo, RSAPublicKey
        raw = PublicKeyInfo.wrap(RSAPublicKey.load(encode_rsa_public_key(public)), "rsa").dump()
    else:
        curve = session.create_domain_parameters(KeyType.EC, {
            Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}, local=True)
        public, _ = curve.generate_keypair(
            id=b"1", label=key, store=True, private_template=private)
        raw = encode_ec_public_key(public)
    sys.stdout.buffer.write(raw)
"""
CERTIFY = """
import sys, pkcs11
from pkcs11 import Attribute, ObjectClass
module, label, pin, certificate = sys.argv[1:5]
token = pkcs11.lib(module).get_token(token_label=label)
with token.open(rw=True, user_pin=pin) as session:
    session.create_object({
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: pkcs11.constants.CertificateType.X_509,
        Attribute.TOKEN: True, Attribute.ID: b"1", Attribute.SUBJECT: b"",
        Attribute.VALUE: open(certificate, "rb").read(),
    })
"""
# Signs so many at once as the service does, and writes the receipts' XML.
SIGN = """
import asyncio, sys
from pathlib import Path
import httpx
from chassis.testing import FrozenClock
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.providers.signers.configured_signers import ConfiguredSigners
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.samples import NOON, PAYER, receipt

async def main(folder, out, count):
    async with httpx.AsyncClient() as client:
        signers = ConfiguredSigners(folder, client=client, clock=FrozenClock(NOON))
        signer = XmlReceiptSigner(signers)
        made = await asyncio.gather(
            *(signer.sign(receipt(number=n), PAYER, at=NOON) for n in range(1, count + 1)))
        await signers.close()
    for number, xml in enumerate(made, start=1):
        (out / f"{number}.xml").write_bytes(xml)

try:
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
except SignerUnavailable as unavailable:
    sys.exit(unavailable.message)
"""
# Pulled out, and put in again.
PULL = """
import asyncio, sys
from pathlib import Path
import httpx
from chassis.testing import FrozenClock
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.providers.signers.configured_signers import LEFT_ALONE, ConfiguredSigners
from tests.receipt.samples import NOON

async def main(folder, there_at_first):
    clock, inside, outside = FrozenClock(NOON), folder / "tokens", folder / "pocket"
    async with httpx.AsyncClient() as client:
        signers = ConfiguredSigners(folder, client=client, clock=clock)
        async def sign():
            clock.advance(LEFT_ALONE)
            try:
                return await (await signers.of("H19.25")).sign(b"receipt")
            except SignerUnavailable:
                return None
        first = await sign() if there_at_first else b"-"
        inside.rename(outside)
        inside.mkdir()
        gone = await sign()
        inside.rmdir()
        outside.rename(inside)
        again = await sign()
        await signers.close()
    print(first is not None, gone is None, again is not None)

asyncio.run(main(Path(sys.argv[1]), sys.argv[2] == "there"))
"""
ROOT = Path(__file__).parents[3]


@dataclass
class Token:
    folder: Path
    authority: Authority

    def run(self, script: str, *arguments: object) -> subprocess.CompletedProcess[bytes]:
        return self._run([sys.executable, "-c", script, *map(str, arguments)])

    def make(self, kind: str, *, certificate_inside: bool) -> None:
        (self.folder / "tokens").mkdir()
        place = f"directories.tokendir = {self.folder / 'tokens'}\nobjectstore.backend = file\n"
        (self.folder / "softhsm2.conf").write_text(place)
        public: Any = load_der_public_key(self.make_another(LABEL, kind))
        certificate = self.certify(public)
        (self.folder / "signer.pem").write_bytes(pem(certificate))
        (self.folder / "signer.der").write_bytes(certificate.public_bytes(Encoding.DER))
        if certificate_inside:
            stored = self.run(CERTIFY, MODULE, LABEL, PIN, self.folder / "signer.der")
            assert stored.returncode == 0, stored.stderr
        self.configure({} if certificate_inside else {"certificate": "signer.pem"})

    def make_another(self, label: str, kind: str = "p256") -> bytes:
        """A token in the same place, with a key of its own; its public half."""
        begin = ["softhsm2-util", "--init-token", "--free", "--label", label]
        self._run([*begin, "--so-pin", "87654321", "--pin", PIN]).check_returncode()
        made = self.run(MAKE, MODULE, label, PIN, KEY, kind)
        assert made.returncode == 0, made.stderr
        return made.stdout

    def certify(self, public: Any) -> x509.Certificate:
        class Held:
            """A key of which only the public half can be had."""

            def public_key(self) -> Any:
                return public

        held: Any = Held()
        return self.authority.certify(held)

    def configure(self, changes: dict[str, str], *, pin: str = PIN) -> None:
        entry = {
            "name": "token",
            "kind": "pkcs11",
            "module": str(MODULE),
            "token": LABEL,
            "key_label": KEY,
            "pin_file": "pin",
        }
        (self.folder / "pin").touch(mode=0o600)
        (self.folder / "pin").write_text(f"{pin}\n")
        (self.folder / "signers.json").write_text(json.dumps({"signers": [{**entry, **changes}]}))

    def sign(self, count: int = 1) -> subprocess.CompletedProcess[bytes]:
        return self.run(SIGN, self.folder, self.folder, count)

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        environment = {**os.environ, "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}
        return subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, timeout=60, check=False
        )


@pytest.fixture
def token(tmp_path: Path) -> Token:
    if not MODULE.exists():
        pytest.fail("softhsm2 is not installed; `python -m deploy.system_tools`")
    return Token(tmp_path, Authority())


@pytest.mark.parametrize("kind", ["p256", "rsa"])
@pytest.mark.parametrize("inside", [True, False], ids=["certificate inside", "in a file"])
def test_what_the_token_signs_is_accepted_by_xmlsec1(token: Token, kind: str, inside: bool) -> None:
    token.make(kind, certificate_inside=inside)
    (token.folder / "ca.pem").write_bytes(pem(token.authority.certificate))

    signed = token.sign()

    assert signed.returncode == 0, signed.stderr
    assert xmlsec1_accepts(token.folder / "1.xml", token.folder / "ca.pem")


def test_many_asked_for_at_once_are_all_signed(token: Token) -> None:
    token.make("p256", certificate_inside=True)

    assert token.sign(40).returncode == 0
    assert len(list(token.folder.glob("*.xml"))) == 40


@pytest.mark.parametrize(
    ("change", "pin", "reason"),
    [
        ({"token": "khác"}, PIN, b"not there"),
        ({}, "654321", b"PIN is wrong"),
        ({"key_label": "khác"}, PIN, b"token fails"),
    ],
)
def test_a_token_that_cannot_sign_says_why_and_keeps_its_pin(
    token: Token, change: dict[str, str], pin: str, reason: bytes
) -> None:
    token.make("p256", certificate_inside=True)
    token.configure(change, pin=pin)

    refused = token.sign()

    assert refused.returncode == 1
    assert reason in refused.stderr
    assert pin.encode() not in refused.stderr


@pytest.mark.parametrize("begins", ["there", "not there"])
def test_a_token_that_was_pulled_out_signs_again_once_it_is_back(token: Token, begins: str) -> None:
    token.make("p256", certificate_inside=True)

    told = token.run(PULL, token.folder, begins)

    assert told.stdout.split() == [b"True"] * 3, told.stderr
