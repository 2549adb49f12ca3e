"""Receipts that bring answers of responders (OCSP) along, asked over HTTP and judged offline."""

import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from deploy.sandbox_authority.keys import Authority
from deploy.verifier.anchors import Anchors
from deploy.verifier.receipt_pdf import read_signed_pdf
from deploy.verifier.receipt_xml import read_receipt_xml
from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.receipts.receipt import Status
from services.receipt.providers import authority_wire
from services.receipt.providers.signers.file_signer import OneSigner
from services.receipt.renderers.receipt_xml import XmlReceiptSigner
from services.receipt.use_cases.receipts.sign_receipts import sign_receipts
from tests.receipt.fakes import FakeSeals, FakeUnitOfWork
from tests.receipt.renderers.conftest import program
from tests.receipt.samples import NOON, RULE, SECRET, receipt
from tests.receipt.signers import pki
from tests.verifier.ocsp_town import SPOILS, Spoil, Town, with_answers
from tests.verifier.proving import LISTS, TSA, pdf_of, reason, xml_of
from tests.verifier.responding import REVOKED, Delegate, Responder


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

    assert "a responder" in reason(await with_answers(town, material, answer), trusted)


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
