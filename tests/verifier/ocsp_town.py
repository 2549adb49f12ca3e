"""A signer and a time stamper whom responders answer for, and all that may go wrong with that."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.x509 import ocsp

from deploy.sandbox_authority.keys import Authority
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.domain.signing.level import Material, SignatureLevel
from services.receipt.ports.proving import Proofs
from services.receipt.providers.revocation import ANSWER_BYTES_MAX
from services.receipt.providers.signers.file_signer import FileSigner
from tests.receipt.samples import NOON
from tests.verifier.proving import Outsiders, xml_of
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


@contextmanager
def founded(outsiders: Outsiders) -> Iterator[Town]:
    receipt_ca, tsa_ca = outsiders.receipt_ca, Authority.of(outsiders.keys_dir, "tsa-ca")
    delegate = Delegate.of(receipt_ca, NOON)
    of_signer = Responder(receipt_ca, outsiders.clock, delegate=delegate)
    of_stamper = Responder(tsa_ca, outsiders.clock)
    with serving(of_signer) as one, serving(of_stamper) as other:
        outsiders.stamper = outsiders.new_stamper(responder=other)
        yield Town(outsiders, of_signer, of_stamper, outsiders.new_signer(responder=one), other)


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


async def with_answers(town: Town, material: Material, *answers: bytes) -> bytes:
    made = replace(material, answers=[*answers, *material.answers[len(answers) :]])
    return await xml_of(town.signer, Given(town.proofs(), made))
