"""Receipts that bring a time stamp and revocation lists along, judged by an outsider, offline."""

from base64 import b64decode, b64encode
from datetime import timedelta

import pytest

from deploy.sandbox_authority.revocation import current_list
from deploy.verifier.anchors import Anchors
from deploy.verifier.receipt_pdf import read_attached_receipt, read_signed_pdf
from deploy.verifier.receipt_xml import read_receipt_xml
from deploy.verifier.verdict import Broken
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.domain.signing.level import Material, SignatureLevel
from services.receipt.ports.proving import Proofs
from services.receipt.providers.signers.file_signer import FileSigner
from services.receipt.renderers.own_word import OwnWord
from tests.receipt.samples import NOON
from tests.receipt.signers import pki
from tests.verifier.proving import LISTS, TSA, Outsiders, pdf_of, reason, xml_of

B_T, B_LT = SignatureLevel.B_T, SignatureLevel.B_LT


@pytest.fixture
def signer(outsiders: Outsiders) -> FileSigner:
    return FileSigner.from_directory(outsiders.keys_dir / "receipt")


@pytest.mark.parametrize("level", [B_T, B_LT])
async def test_a_proven_receipt_is_valid_at_its_stamped_time(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner, level: SignatureLevel
) -> None:
    proofs = outsiders.proofs(level)
    xml = await xml_of(signer, proofs, at=NOON - timedelta(minutes=2))
    pdf = await pdf_of(signer, proofs, xml)

    assert read_receipt_xml(xml, trusted).signed_at == NOON
    page = read_signed_pdf(pdf, trusted)
    assert page.signed_at == NOON
    assert read_attached_receipt(page, trusted).number == 17


async def test_an_old_receipt_verifies_after_expiry_and_three_new_keys(
    outsiders: Outsiders, trusted: Anchors
) -> None:
    proofs = outsiders.proofs()
    first = outsiders.new_signer(days=2)
    old_xml = await xml_of(first, proofs)
    old_pdf = await pdf_of(first, proofs, old_xml)
    newest = old_xml
    for _ in range(3):
        outsiders.clock.advance(timedelta(days=200))
        newer = outsiders.new_signer(days=250)
        newest = await xml_of(newer, outsiders.proofs(), at=outsiders.clock.now())
    outsiders.clock.advance(timedelta(days=3650))
    outsiders.down = {TSA, *LISTS}

    assert first.identity.valid_to < outsiders.clock.now() - timedelta(days=3650)
    assert read_receipt_xml(old_xml, trusted).signed_at == NOON
    assert read_signed_pdf(old_pdf, trusted).signed_at == NOON
    assert read_receipt_xml(newest, trusted).signed_at > NOON


async def test_a_claimed_time_does_not_make_an_expired_certificate_good(
    outsiders: Outsiders, trusted: Anchors
) -> None:
    expiring = outsiders.new_signer(days=1)
    outsiders.clock.advance(timedelta(days=2))

    backdated = await xml_of(expiring, outsiders.proofs(B_T), at=NOON)

    assert "not valid at the time of signing" in reason(backdated, trusted)


async def test_nobody_signs_by_a_revoked_certificate(
    outsiders: Outsiders, signer: FileSigner
) -> None:
    outsiders.revoke(signer.identity.certificate, at=NOON - timedelta(days=1))

    with pytest.raises(SignerUnavailable, match="revoked"):
        await xml_of(signer, outsiders.proofs())


class Given:
    """Proofs as somebody puts them together who does not look at them."""

    level = B_LT

    def __init__(self, honest: Proofs, lists: list[bytes], digest: bytes | None = None) -> None:
        self._honest = honest
        self._lists = lists
        self._digest = digest

    async def stamp(self, digest: bytes, *, material: Material) -> bytes:
        return await self._honest.stamp(self._digest or digest, material=material)

    async def material(self, identity: SigningIdentity) -> Material:
        honest = await self._honest.material(identity)
        return Material(authorities=honest.authorities, lists=[*self._lists, *honest.lists[1:]])


@pytest.mark.parametrize(("hours", "accepted"), [(-1, False), (1, True)])
async def test_revoked_before_signing_is_refused_and_after_it_is_not(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner, hours: int, accepted: bool
) -> None:
    outsiders.proofs()
    honest = outsiders.proofs()
    await honest.material(signer.identity)
    outsiders.revoke(signer.identity.certificate, at=NOON + timedelta(hours=hours))
    listed = current_list(outsiders.receipt_ca, now=NOON)

    xml = await xml_of(signer, Given(honest, [listed]))

    if accepted:
        assert read_receipt_xml(xml, trusted).number == 17
    else:
        assert reason(xml, trusted) == "a certificate was revoked before it signed"


async def test_an_old_list_proves_nothing(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner
) -> None:
    stale = current_list(outsiders.receipt_ca, now=NOON - timedelta(days=3))

    xml = await xml_of(signer, Given(outsiders.proofs(), [stale]))

    assert "not in force" in reason(xml, trusted)


async def test_a_strangers_list_is_refused(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner
) -> None:
    tsa_list = (await outsiders.proofs().material(signer.identity)).lists[1]

    xml = await xml_of(signer, Given(outsiders.proofs(), [tsa_list]))

    assert reason(xml, trusted) == "a revocation list is not its authority's"


async def test_a_stamp_of_another_receipt_is_refused(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner
) -> None:
    proofs = outsiders.proofs()
    one, other = await xml_of(signer, proofs), await xml_of(signer, proofs, number=18)
    opening, closing = b"<xades:EncapsulatedTimeStamp>", b"</xades:EncapsulatedTimeStamp>"
    mine, theirs = (raw.split(opening)[1].split(closing)[0] for raw in (one, other))

    assert reason(one.replace(mine, theirs), trusted) == "the time stamp is over something else"


async def test_proofs_cannot_be_taken_away(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner
) -> None:
    xml = await xml_of(signer, outsiders.proofs())
    start, end = b"<xades:UnsignedProperties>", b"</xades:UnsignedProperties>"
    bare = xml[: xml.index(start)] + xml[xml.index(end) + len(end) :]
    start, end = b"<xades:CertificateValues>", b"</xades:RevocationValues>"
    stamped = xml[: xml.index(start)] + xml[xml.index(end) + len(end) :]

    assert reason(bare, trusted) == "it promises B-LT and brings B-B"
    assert reason(stamped, trusted) == "it promises B-LT and brings B-T"


@pytest.mark.parametrize("down", [TSA, LISTS[0], LISTS[1]])
async def test_nothing_is_signed_while_an_authority_is_down(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner, down: str
) -> None:
    proofs = outsiders.proofs()
    outsiders.down = {down}
    with pytest.raises(SignerUnavailable):
        await xml_of(signer, proofs)

    outsiders.down = set()
    assert read_receipt_xml(await xml_of(signer, proofs), trusted).number == 17


async def test_a_list_that_ends_before_the_stamp_may_come_is_not_used(
    outsiders: Outsiders, signer: FileSigner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.sandbox_authority.revocation.LASTS", timedelta(seconds=90))

    with pytest.raises(SignerUnavailable, match="no revocation list that is in force"):
        await xml_of(signer, outsiders.proofs())


async def test_a_repeated_stamp_is_not_put_into_a_receipt(
    outsiders: Outsiders, signer: FileSigner
) -> None:
    proofs = outsiders.proofs(B_T)
    await xml_of(signer, proofs)
    outsiders.repeating = True

    with pytest.raises(SignerUnavailable, match="over something else"):
        await xml_of(signer, proofs)


async def test_a_stamp_under_another_name_is_refused(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner
) -> None:
    """The name of the attribute that holds it is under no signature."""
    proofs = outsiders.proofs(B_T)
    pdf = await pdf_of(signer, proofs, await xml_of(signer, proofs))
    name = b"060B2A864886F70D010910020E"
    assert pdf.count(name) == 1

    with pytest.raises(Broken, match="cannot be read"):
        read_signed_pdf(pdf.replace(name, name[:-1] + b"F"), trusted)


@pytest.mark.parametrize("step", [29])
async def test_every_flip_in_what_is_unsigned_is_found(
    outsiders: Outsiders, trusted: Anchors, signer: FileSigner, step: int
) -> None:
    """In the decoded bytes of each proof: the token, the certificates, the lists."""
    xml = await xml_of(signer, outsiders.proofs())
    unnoticed = []
    for tag in (b"EncapsulatedTimeStamp", b"EncapsulatedX509Certificate", b"EncapsulatedCRLValue"):
        for text in {part.split(b"<")[0] for part in xml.split(b"<xades:" + tag + b">")[1:]}:
            held = b64decode(text)
            for place in range(0, len(held), step):
                flipped = bytearray(held)
                flipped[place] ^= 1 << place % 8
                try:
                    read_receipt_xml(xml.replace(text, b64encode(flipped)), trusted)
                except Broken:
                    continue
                unnoticed.append((tag, place))
    assert unnoticed == []


async def test_rsa_signers_count_as_well(outsiders: Outsiders) -> None:
    authority = pki.Authority()
    key = pki.rsa()
    signer = FileSigner(key, authority.certify(key))
    anchors = Anchors.of(
        {"receipt_ca": [pki.pem(authority.certificate).decode()], "evidence_keys": {}}
    )
    xml = await xml_of(signer, OwnWord())
    pdf = await pdf_of(signer, OwnWord(), xml)

    assert read_receipt_xml(xml, anchors).number == 17
    assert read_signed_pdf(pdf, anchors).signed_at == NOON
