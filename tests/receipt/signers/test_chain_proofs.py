"""A signer below two authorities, with a time stamp and the lists of everybody above it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from chassis.ids import SystemIds
from chassis.testing import FrozenClock
from deploy.development_keys import ensure_development_keys
from deploy.verifier.anchors import Anchors
from deploy.verifier.receipt_pdf import read_signed_pdf
from deploy.verifier.receipt_xml import read_receipt_xml
from deploy.verifier.verdict import Broken
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.level import SignatureLevel
from services.receipt.providers.proofs import HttpProofs, Sources
from services.receipt.providers.revocation import Revocation
from services.receipt.providers.signers.file_signer import FileSigner
from tests.receipt.samples import NOON
from tests.receipt.signers.pki import Authority, p256, three_levels
from tests.verifier.proving import LISTS, TSA, Outsiders, pdf_of, xml_of


@dataclass
class Lists:
    """What each authority has revoked, over HTTP."""

    lowest: Authority
    outsiders: Outsiders
    revoked: dict[str, Sequence[x509.Certificate]] = field(default_factory=dict)

    @property
    def authorities(self) -> dict[str, Authority]:
        middle = self.lowest.above
        assert middle is not None
        assert middle.above is not None
        return {"low": self.lowest, "middle": middle, "root": middle.above}

    @property
    def tsa(self) -> x509.Certificate:
        folder = self.outsiders.keys_dir / "trust" / "tsa-ca"
        return x509.load_pem_x509_certificate((folder / "development.pem").read_bytes())

    def proofs(self) -> HttpProofs:
        urls = [f"http://{name}.test/crl" for name in self.authorities]
        trusted = [self.lowest.root, self.tsa]
        return HttpProofs(
            SignatureLevel.B_LT,
            Sources(tsa_url=TSA, list_urls=(*urls, LISTS[1]), authorities=trusted),
            client=httpx.AsyncClient(transport=httpx.MockTransport(self._answer)),
            clock=self.outsiders.clock,
            ids=SystemIds(self.outsiders.clock),
        )

    def anchors(self) -> Anchors:
        return Anchors(
            receipt_authorities=[self.lowest.root],
            time_authorities=[self.tsa],
            evidence_keys={},
            clients={},
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host.partition(".")[0]
        if name not in self.authorities:
            return self.outsiders._answer(request)
        authority, now = self.authorities[name], self.outsiders.clock.now()
        listed = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.certificate.subject)
            .last_update(now)
            .next_update(now + timedelta(hours=12))
        )
        for one in self.revoked.get(name, ()):
            entry = x509.RevokedCertificateBuilder().serial_number(one.serial_number)
            listed = listed.add_revoked_certificate(entry.revocation_date(now).build())
        signed = listed.sign(authority.key, hashes.SHA256())
        return httpx.Response(200, content=signed.public_bytes(Encoding.DER))


@pytest.fixture
def lists(tmp_path: Path) -> Lists:
    ensure_development_keys(tmp_path, clock=FrozenClock(NOON))
    return Lists(three_levels(), Outsiders(tmp_path / "keys", FrozenClock(NOON)))


@pytest.fixture
def signer(lists: Lists) -> FileSigner:
    key = p256()
    return FileSigner(key, lists.lowest.certify(key), lists.lowest.chain)


async def test_the_lists_of_all_above_it_are_brought_along(
    lists: Lists, signer: FileSigner
) -> None:
    proofs = lists.proofs()
    xml = await xml_of(signer, proofs)
    pdf = await pdf_of(signer, proofs, xml)
    material = await proofs.material(signer.identity)

    assert read_receipt_xml(xml, lists.anchors()).signed_at == NOON
    assert read_signed_pdf(pdf, lists.anchors()).signed_at == NOON
    above = [*lists.lowest.chain, lists.lowest.root, lists.tsa]
    assert list(material.authorities) == [one.public_bytes(Encoding.DER) for one in above]


@pytest.mark.parametrize("place", [0, 1], ids=["the lower one", "the upper one"])
async def test_nobody_signs_below_an_authority_that_is_revoked(
    lists: Lists, signer: FileSigner, place: int
) -> None:
    by = ("middle", "root")[place]
    lists.revoked = {by: [lists.lowest.chain[place]]}

    with pytest.raises(SignerUnavailable, match="revoked"):
        await xml_of(signer, lists.proofs())


@pytest.mark.parametrize("place", [0, 1], ids=["the lower one", "the upper one"])
async def test_a_list_that_revokes_one_above_it_is_found_by_the_verifier(
    lists: Lists, signer: FileSigner, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = ("middle", "root")[place]
    lists.revoked = {by: [lists.lowest.chain[place]]}
    # A careless signer, that looks at no entry of the lists it brings.
    proofs = lists.proofs()
    monkeypatch.setattr(Revocation, "_list_of", _careless)
    xml = await xml_of(signer, proofs)

    with pytest.raises(Broken, match="revoked before"):
        read_receipt_xml(xml, lists.anchors())


async def _careless(
    self: Revocation, issuer: x509.Certificate, of: x509.Certificate
) -> x509.CertificateRevocationList:
    for url in self._list_urls:
        found = await self._ask_list(url)
        if found.issuer == issuer.subject:
            return found
    raise AssertionError(of)
