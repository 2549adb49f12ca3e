"""Receipts that bring answers of responders (OCSP) along, asked over HTTP and judged offline."""

import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from deploy.sandbox_authority.keys import Authority
from deploy.verifier.anchors import Anchors
from deploy.verifier.receipt_pdf import read_signed_pdf
from deploy.verifier.receipt_proof import WRONG
from deploy.verifier.receipt_revocation import is_about, require_good
from deploy.verifier.receipt_xml import read_receipt_xml
from deploy.verifier.verdict import Broken
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.receipts.receipt import Status
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.domain.signing.level import Material, SignatureLevel
from services.receipt.ports.proving import Proofs
from services.receipt.providers import authority_wire
from services.receipt.providers.revocation import ANSWER_BYTES_MAX
from services.receipt.providers.signers.file_signer import FileSigner, OneSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.use_cases.receipts.sign_receipts import sign_receipts
from tests.receipt.fakes import FakeSeals, FakeUnitOfWork
from tests.receipt.renderers.conftest import program
from tests.receipt.samples import NOON, RULE, SECRET, receipt
from tests.receipt.signers import pki
from tests.verifier.proving import LISTS, TSA, Outsiders, pdf_of, reason, xml_of
from tests.verifier.responding import REVOKED, Delegate, Responder, serving

UNKNOWN = ocsp.OCSPCertStatus.UNKNOWN


@dataclass
class Town:
    """A signer and a time stamper, each with its authority's responder."""

    outsiders: Outsiders
    of_signer: Responder
    of_stamper: Responder
    signer: FileSigner
    stamper_url: str

    def proofs(self, *, lists: tuple[str, ...] = ()) -> Any:
        return self.outsiders.proofs(ocsp=True, lists=lists)

    async def xml(self) -> bytes:
        return await xml_of(self.signer, self.proofs())

    @property
    def certificate(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.signer.identity.certificate)


@pytest.fixture
def town(outsiders: Outsiders) -> Iterator[Town]:
    receipt_ca, tsa_ca = outsiders.receipt_ca, Authority.of(outsiders.keys_dir, "tsa-ca")
    delegate = Delegate.of(receipt_ca, NOON)
    of_signer = Responder(receipt_ca, outsiders.clock, delegate=delegate)
    of_stamper = Responder(tsa_ca, outsiders.clock)
    with serving(of_signer) as one, serving(of_stamper) as other:
        outsiders.stamper = outsiders.new_stamper(responder=other)
        yield Town(outsiders, of_signer, of_stamper, outsiders.new_signer(responder=one), other)


async def test_answers_stand_in_for_lists_in_both_forms(town: Town, trusted: Anchors) -> None:
    proofs = town.proofs()

    xml = await xml_of(town.signer, proofs)
    pdf = await pdf_of(town.signer, proofs, xml)

    assert xml.count(b"<xades:EncapsulatedOCSPValue>") == 2
    assert b"CRLValue" not in xml
    assert read_receipt_xml(xml, trusted).signed_at == NOON
    page = read_signed_pdf(pdf, trusted)
    assert page.signed_at == NOON
    store = page.reader.root["/DSS"]
    assert len(store["/OCSPs"]) == 2
    assert "/CRLs" not in store or not store["/CRLs"]
    # Asked once for both forms: an answer is kept for a quarter of an hour.
    assert (len(town.of_signer.questions), len(town.of_stamper.questions)) == (1, 1)


async def test_it_verifies_when_nobody_is_left_to_ask(town: Town, trusted: Anchors) -> None:
    xml = await town.xml()
    town.outsiders.clock.advance(timedelta(days=3650))
    town.outsiders.down = {TSA, *LISTS}
    town.of_signer.status = town.of_stamper.status = REVOKED

    assert read_receipt_xml(xml, trusted).signed_at == NOON
    assert len(town.of_signer.questions) == 1


async def test_who_has_no_responder_is_looked_up_in_a_list(town: Town, trusted: Anchors) -> None:
    town.outsiders.stamper = None

    xml = await xml_of(town.signer, town.proofs(lists=LISTS))

    assert xml.count(b"<xades:EncapsulatedOCSPValue>") == 1
    assert xml.count(b"<xades:EncapsulatedCRLValue>") == 1
    assert read_receipt_xml(xml, trusted).number == 17
    with pytest.raises(SignerUnavailable, match="no revocation list"):
        await xml_of(town.signer, town.proofs())


async def test_responders_with_rsa_keys_and_no_end_count(town: Town, trusted: Anchors) -> None:
    authority = town.of_signer.authority
    town.of_signer.delegate = Delegate.of(authority, NOON, key=pki.rsa())
    town.of_signer.lasts = None

    assert read_receipt_xml(await town.xml(), trusted).number == 17


def openssl(*arguments: str, folder: Path) -> str:
    command = [program("openssl"), *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


async def test_others_find_the_answers_good_as_well(town: Town, tmp_path: Path) -> None:
    """OpenSSL on the bytes, and pyHanko's validator with no network."""
    answers = (await town.proofs().material(town.signer.identity)).answers
    root = town.of_signer.authority.certificate
    files = {"ca.pem": root, "one.pem": town.certificate}
    for name, one in files.items():
        (tmp_path / name).write_bytes(one.public_bytes(Encoding.PEM))
    (tmp_path / "answer.der").write_bytes(answers[0])
    command = ["ocsp", "-respin", "answer.der", "-issuer", "ca.pem"]
    command += ["-cert", "one.pem", "-CAfile", "ca.pem", "-no_nonce"]
    command += ["-attime", str(int(NOON.timestamp())), "-validity_period", "999999999"]

    said = openssl(*command, folder=tmp_path)

    assert "Response verify OK" in said
    assert "one.pem: good" in said
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root.public_bytes(Encoding.DER))],
        ocsps=[asn1_ocsp.OCSPResponse.load(answers[0])],
        revocation_mode="require",
        allow_fetching=False,
        moment=NOON,
        best_signature_time=NOON,
    )
    certificate = asn1_x509.Certificate.load(town.signer.identity.certificate)
    validator = CertificateValidator(certificate, validation_context=context)
    await validator.async_validate_usage({"digital_signature"})  # type: ignore[no-untyped-call]


Spoil = Callable[[Responder], None]


def put(**values: Any) -> Spoil:
    def spoil(responder: Responder) -> None:
        for name, value in values.items():
            setattr(responder, name, value)

    return spoil


def says(status: int, body: bytes = b"") -> Spoil:
    return put(instead=lambda _: (status, body))


SPOILS: dict[str, tuple[Spoil, str]] = {
    "revoked": (put(status=REVOKED), "a certificate is revoked"),
    "unknown": (put(status=UNKNOWN), "does not know a certificate"),
    "old": (put(since=timedelta(hours=-13)), "not of now"),
    "of tomorrow": (put(since=timedelta(days=1)), "not of now"),
    "ending": (put(lasts=timedelta(seconds=90)), "has run out"),
    "old, no end": (put(since=timedelta(hours=-25), lasts=None), "not of now"),
    "another": (put(about=7), "about another certificate"),
    "no answer": (says(503), "answered 503"),
    "elsewhere": (says(302), "answered 302"),
    "garbage": (says(200, b"ok"), "cannot be read"),
    "refusal": (says(200, b"0\x03\n\x01\x06"), "says unauthorized"),
    "too much": (says(200, bytes(ANSWER_BYTES_MAX + 1)), "said too much"),
    "silence": (put(waits_seconds=0.5), "no authority to ask: TimeoutErr"),
}


@pytest.mark.parametrize(("spoil", "why"), SPOILS.values(), ids=SPOILS)
@pytest.mark.parametrize("whose", ["of_signer", "of_stamper"])
async def test_nothing_is_signed_on_such_an_answer_and_it_is_asked_again(
    town: Town,
    trusted: Anchors,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Spoil,
    why: str,
    whose: str,
) -> None:
    monkeypatch.setattr(authority_wire, "SECONDS_MAX", 0.2)
    responder: Responder = getattr(town, whose)
    honest = replace(responder)
    proofs = town.proofs()
    spoil(responder)
    with pytest.raises(SignerUnavailable, match=why):
        await xml_of(town.signer, proofs)

    for name in ("status", "since", "lasts", "about", "instead", "waits_seconds"):
        setattr(responder, name, getattr(honest, name))

    assert read_receipt_xml(await xml_of(town.signer, proofs), trusted).number == 17


@pytest.mark.parametrize(
    ("of", "why"),
    [
        ({"appointed": False}, "not for answering"),
        ({"unasked": False}, "cannot be read"),
        ({"days": -1}, "cannot be read|not valid now"),
        ({"authority": "officer-ca"}, "cannot be read"),
    ],
    ids=["no responder", "to be asked about", "expired", "of another authority"],
)
async def test_only_an_appointed_responder_answers(
    town: Town, trusted: Anchors, of: dict[str, Any], why: str
) -> None:
    """And what a signer would not take, a verifier does not take either."""
    given = dict(of)
    name = given.pop("authority", None)
    authority = town.of_signer.authority
    by = Authority.of(town.outsiders.keys_dir, name) if name else authority
    honest = town.proofs()
    material = await honest.material(town.signer.identity)
    if given.get("days"):
        given["days"] = 0.5
        town.of_signer.delegate = Delegate.of(by, NOON - timedelta(days=0.75), **given)
    else:
        town.of_signer.delegate = Delegate.of(by, NOON, **given)
    answer = town.of_signer.say(town.certificate.serial_number)

    with pytest.raises(SignerUnavailable, match=why):
        await town.xml()

    assert "a responder" in reason(await _given(town, material, answer), trusted)


async def test_an_answer_to_an_earlier_question_is_not_taken(town: Town) -> None:
    await town.xml()
    kept = Responder.answer(town.of_signer, town.of_signer.questions[0])
    town.of_signer.instead = lambda _: kept

    with pytest.raises(SignerUnavailable, match="to another question"):
        await town.xml()


async def test_another_stamper_than_was_asked_about_waits_for_the_next_try(
    town: Town, trusted: Anchors
) -> None:
    proofs = town.proofs()
    await xml_of(town.signer, proofs)
    town.outsiders.stamper = town.outsiders.new_stamper(responder=town.stamper_url)

    with pytest.raises(SignerUnavailable, match="another time stamper"):
        await xml_of(town.signer, proofs)

    assert read_receipt_xml(await xml_of(town.signer, proofs), trusted).number == 17


async def test_a_receipt_stays_numbered_while_a_responder_is_down(
    town: Town, trusted: Anchors
) -> None:
    seals = FakeSeals()
    uow = FakeUnitOfWork(RULE)
    numbered = replace(receipt(), own_payer_sealed=seals.seal(SECRET, purpose="payer"))
    async with uow:
        await uow.receipts.add([numbered])
    signer = XmlReceiptSigner(OneSigner(town.signer), town.proofs())

    async def sign() -> Any:
        clock = town.outsiders.clock
        return await sign_receipts([numbered], uow=uow, signer=signer, seals=seals, clock=clock)

    town.of_signer.instead = lambda _: (503, b"")
    waits = await sign()
    town.of_signer.instead = None
    done = await sign()

    assert (list(waits.issued), waits.stopped.code) == ([], "signer_unavailable")
    assert [one.status for one in done.issued] == [Status.ISSUED]


@dataclass
class Given:
    """Material as somebody puts it together who does not look at it."""

    honest: Proofs
    material_given: Material
    level: SignatureLevel = SignatureLevel.B_LT

    async def stamp(self, digest: bytes, *, material: Material) -> bytes:
        return await self.honest.stamp(digest, material=material)

    async def material(self, identity: SigningIdentity) -> Material:
        return self.material_given


async def _given(town: Town, material: Material, *answers: bytes) -> bytes:
    made = replace(material, answers=[*answers, *material.answers[len(answers) :]])
    return await xml_of(town.signer, Given(town.proofs(), made))


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("revoked", "does not call a certificate good"),
        ("unknown", "does not call a certificate good"),
        ("old", "not in force"),
        ("of tomorrow", "not in force"),
        ("old, no end", "not in force"),
        ("another", "an answer about another certificate"),
    ],
)
async def test_a_verifier_takes_no_such_answer(
    town: Town, trusted: Anchors, spoil: str, why: str
) -> None:
    material = await town.proofs().material(town.signer.identity)
    SPOILS[spoil][0](town.of_signer)
    answer = town.of_signer.say(town.certificate.serial_number)

    assert why in reason(await _given(town, material, answer), trusted)


async def test_answers_are_neither_exchanged_nor_missing_nor_too_many(
    town: Town, trusted: Anchors
) -> None:
    material = await town.proofs().material(town.signer.identity)
    mine, stampers = material.answers

    async def why(*answers: bytes) -> str:
        given = Given(town.proofs(), replace(material, answers=answers))
        return reason(await xml_of(town.signer, given), trusted)

    assert await why(stampers, mine) == "it brings an answer about another certificate"
    assert await why(mine) == "the proofs are not as many as there must be"
    assert await why(mine, stampers, mine) == "the proofs are not as many as there must be"
    # An honest answer, of the right form, by an authority that vouches for something else.
    foreign = Responder(Authority.of(town.outsiders.keys_dir, "officer-ca"), town.outsiders.clock)
    said = foreign.say(town.certificate.serial_number)
    assert await why(said, stampers) == "it brings an answer about another certificate"


async def test_every_flip_in_the_answers_is_found(town: Town, trusted: Anchors) -> None:
    """Each bit of each byte, at the level of the answer; a sample through the whole receipt."""
    xml = await town.xml()
    issuers = [town.of_signer.authority.certificate, town.of_stamper.authority.certificate]
    stamper = town.outsiders.stamper
    assert stamper
    certificates = [town.certificate, stamper.certificate]
    unnoticed, tried = [], 0
    for part, one, issuer in zip(
        xml.split(b"<xades:EncapsulatedOCSPValue>")[1:], certificates, issuers, strict=True
    ):
        text = part.split(b"<")[0]
        held = b64decode(text)
        assert accepted(held, one, issuer)
        for bit in range(8 * len(held)):
            flipped = bytearray(held)
            flipped[bit // 8] ^= 1 << bit % 8
            tried += 1
            if accepted(bytes(flipped), one, issuer):
                unnoticed.append(bit)
        for place in range(0, len(held), 97):
            flipped = bytearray(held)
            flipped[place] ^= 1 << place % 8
            assert reason(xml.replace(text, b64encode(flipped)), trusted)
    assert tried > 5_000
    assert unnoticed == []


def accepted(raw: bytes, one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        if not is_about(raw, one, issuer):
            return False
        require_good(raw, issuer, NOON)
    except (Broken, *WRONG):
        return False
    return True
