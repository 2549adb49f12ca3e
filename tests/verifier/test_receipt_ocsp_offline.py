"""What a verifier takes of a responder's answers when nobody is there to be asked."""

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import pytest
from asn1crypto import algos, core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509

from deploy.sandbox_authority.keys import Authority
from deploy.verifier.anchors import Anchors
from deploy.verifier.receipt_proof import WRONG
from deploy.verifier.receipt_revocation import is_about, require_good
from deploy.verifier.receipt_xml import read_receipt_xml
from deploy.verifier.verdict import Broken
from tests.receipt.samples import NOON
from tests.receipt.signers import pki
from tests.verifier.ocsp_town import SPOILS, Given, Town, with_answers
from tests.verifier.proving import reason, xml_of
from tests.verifier.responding import Delegate, Responder


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

    assert why in reason(await with_answers(town, material, answer), trusted)


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
    assert await why(mine, stampers, mine) == "it brings an answer about another certificate"
    # An honest answer, of the right form, by an authority that vouches for something else.
    foreign = Responder(Authority.of(town.outsiders.keys_dir, "officer-ca"), town.outsiders.clock)
    said = foreign.say(town.certificate.serial_number)
    assert await why(said, stampers) == "it brings an answer about another certificate"


async def test_an_answer_has_one_spelling_and_nothing_beside_it(
    town: Town, trusted: Anchors
) -> None:
    material = await town.proofs().material(town.signer.identity)
    authority, serial = town.of_signer.authority, town.certificate.serial_number
    town.of_signer.twice = True
    twice = town.of_signer.say(serial)
    town.of_signer.twice, town.of_signer.brings = False, (authority.certificate,)
    more = town.of_signer.say(serial)
    # RSA may be named with an empty parameter or without; nobody has signed which.
    town.of_signer.brings = ()
    town.of_signer.delegate = Delegate.of(authority, NOON, key=pki.rsa())
    honest = town.of_signer.say(serial)
    outer = asn1_ocsp.OCSPResponse.load(honest)
    basic: Any = outer["response_bytes"]["response"].parsed
    basic["signature_algorithm"] = algos.SignedDigestAlgorithm.load(
        bytes.fromhex("300b06092a864886f70d01010b")
    )
    outer["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    respelled = outer.dump(force=True)
    assert respelled != honest

    for answer, why in (
        (twice, "an OCSP answer is about more than one certificate"),
        (more, "an OCSP answer brings more than its responder"),
        (respelled, "an OCSP answer is spelled in another way than it was given"),
        (honest + b"\0", "its proofs cannot be read"),
    ):
        assert reason(await with_answers(town, material, answer), trusted) == why
    assert read_receipt_xml(await with_answers(town, material, honest), trusted).number == 17


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
