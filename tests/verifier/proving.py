"""Authorities that vouch for receipts, with their own clock: a time stamper, revocation lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from chassis.canonical import sha256_hex
from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from deploy.sandbox_authority.keys import Authority
from deploy.sandbox_authority.revocation import current_list, revoke
from deploy.sandbox_authority.time_stamps import TimeStamper
from deploy.verifier.anchors import Anchors
from deploy.verifier.receipt_xml import read_receipt_xml
from deploy.verifier.verdict import Broken
from services.receipt.domain.signing.level import SignatureLevel
from services.receipt.ports.proving import Proofs
from services.receipt.ports.signing import Signer
from services.receipt.providers.proofs import HttpProofs, Sources, read_authorities
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_pdf import PdfReceiptSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from tests.receipt.samples import NOON, PAYER, receipt

TSA, LISTS = "http://tsa.test/tsa", ("http://ca.test/receipt.crl", "http://ca.test/tsa.crl")
HOLDER = "Sở Tư pháp tỉnh Đồng Nai"


@dataclass
class Outsiders:
    keys_dir: Path
    clock: FrozenClock
    down: set[str] = field(default_factory=set)
    # Answers with the stamp it gave before, whatever it is asked.
    repeating: bool = False
    _last: bytes = b""
    # Who stamps; the development's own unless another is put here.
    stamper: TimeStamper | None = None

    @property
    def receipt_ca(self) -> Authority:
        folder = self.keys_dir / "receipt"
        key: Any = load_pem_private_key((folder / "ca.key.pem").read_bytes(), password=None)
        return Authority(
            key=key,
            certificate=x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes()),
            revoked_file=self._revoked_file(),
        )

    def revoke(self, certificate: bytes, *, at: datetime) -> None:
        serial = x509.load_der_x509_certificate(certificate).serial_number
        revoke(self.receipt_ca, serial, now=at)

    def proofs(
        self,
        level: SignatureLevel = SignatureLevel.B_LT,
        *,
        ocsp: bool = False,
        lists: Sequence[str] = LISTS,
    ) -> HttpProofs:
        sources = Sources(
            tsa_url=TSA, list_urls=lists, ocsp=ocsp, authorities=read_authorities(self.keys_dir)
        )
        # Responders are real programs on loopback.
        mounts: dict[str, httpx.AsyncBaseTransport] = {
            "http://127.0.0.1": httpx.AsyncHTTPTransport()
        }
        return HttpProofs(
            level,
            sources,
            client=httpx.AsyncClient(transport=httpx.MockTransport(self._answer), mounts=mounts),
            clock=self.clock,
            ids=SystemIds(self.clock),
        )

    def new_signer(self, *, days: int = 365, responder: str | None = None) -> FileSigner:
        """Another key of the collecting body, certified from now on."""
        authority, key = self.receipt_ca, generate_private_key(SECP256R1())
        own = x509.load_pem_x509_certificate((self.keys_dir / "receipt/signer.pem").read_bytes())
        usage = own.extensions.get_extension_for_class(x509.KeyUsage)
        now = self.clock.now()
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOLDER)]))
            .public_key(key.public_key())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=days))
            .add_extension(usage.value, critical=True)
        )
        return FileSigner(key, _certified(builder, authority, responder))

    def new_stamper(self, *, responder: str) -> TimeStamper:
        """Another time stamper of the same authority, about whom this responder is to be asked."""
        authority, key = Authority.of(self.keys_dir, "tsa-ca"), generate_private_key(SECP256R1())
        now = self.clock.now()
        uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TSA")]))
            .public_key(key.public_key())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=365))
            .add_extension(uses, critical=True)
        )
        return TimeStamper(key=key, certificate=_certified(builder, authority, responder))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if url in self.down:
            return httpx.Response(503)
        if url != TSA:
            name = self.receipt_ca if "receipt" in url else Authority.of(self.keys_dir, "tsa-ca")
            return httpx.Response(200, content=current_list(name, now=self.clock.now()))
        if not self.repeating:
            stamper = self.stamper or TimeStamper.from_directory(self.keys_dir)
            serial = SystemIds(self.clock).new().int
            self._last = stamper.answer(request.content, serial=serial, now=self.clock.now())
        return httpx.Response(200, content=self._last)

    def _revoked_file(self) -> Path:
        path = self.keys_dir / "receipt" / "revoked.crl"
        if not path.exists():
            tsa = Authority.of(self.keys_dir, "tsa-ca")
            path.write_bytes(
                x509.load_der_x509_crl(current_list(tsa, now=self.clock.now())).public_bytes(
                    Encoding.PEM
                )
            )
        return path


def _certified(
    builder: x509.CertificateBuilder, authority: Authority, responder: str | None
) -> x509.Certificate:
    if responder is not None:
        asked = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(responder)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([asked]), critical=False)
    return (
        builder.issuer_name(authority.certificate.subject)
        .serial_number(x509.random_serial_number())
        .sign(authority.key, hashes.SHA256())
    )


async def xml_of(signer: Signer, proofs: Proofs, *, number: int = 17, at: datetime = NOON) -> bytes:
    numbered = receipt(number=number)
    return await XmlReceiptSigner(OneSigner(signer), proofs).sign(numbered, PAYER, at=at)


async def pdf_of(signer: Signer, proofs: Proofs, xml: bytes, *, at: datetime = NOON) -> bytes:
    issued = receipt().issue(at=at, xml_sha256=sha256_hex(xml))
    page = PdfReceiptSigner(
        OneSigner(signer), lookup_page="https://x.vn", clock=FrozenClock(at), proofs=proofs
    )
    return await page.sign(issued, PAYER, xml=xml)


def reason(raw: bytes, trusted: Anchors) -> str:
    with pytest.raises(Broken) as broken:
        read_receipt_xml(raw, trusted)
    return str(broken.value)
