"""PAdES: a PDF certified as a whole, with its proofs inside what is signed.

What was said of revocation goes into the file before it is signed, the time stamp into the
signature itself. So nothing ever stands behind the signature, and a verifier need allow no later
revision at all.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any, Final

from asn1crypto import cms, crl, ocsp, tsp
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator.registry import SimpleCertificateStore

from services.receipt.domain.signing.identity import SignatureAlgorithm
from services.receipt.domain.signing.level import Material, SignatureLevel
from services.receipt.ports.proving import Proofs
from services.receipt.ports.signing import Signer

FIELD: Final = "BienLai"
# Drawn outside the page: PDF/UA wants a field that is seen to stand in the order of reading.
HIDDEN_FIELD: Final = fields.SigFieldSpec(
    FIELD,
    invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True),
    readable_field_name="Chữ ký số của đơn vị thu",
)
# An ECDSA signature has no fixed length; room is reserved for the longest it can be.
SIGNATURE_BYTES_MAX: Final[Mapping[SignatureAlgorithm, int]] = {
    SignatureAlgorithm.ECDSA_P256_SHA256: 72,
    SignatureAlgorithm.RSA_SHA256: 512,
}
# Room for a signature with its certificate and, when there is one, a time stamp.
HELD_BYTES: Final = 16 * 1024


async def sign_pdf(page: bytes, *, signer: Signer, proofs: Proofs, at: datetime) -> bytes:
    """Certify: whatever is changed in the file afterwards breaks the signature."""
    stamped = proofs.level is not SignatureLevel.B_B
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason="Phát hành biên lai",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    writer = IncrementalPdfFileWriter(BytesIO(page))
    material = await proofs.material(signer.identity)
    if material.lists or material.answers:
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=[asn1_x509.Certificate.load(one) for one in material.authorities],
            crls=[crl.CertificateList.load(one) for one in material.lists],
            ocsps=[ocsp.OCSPResponse.load(one) for one in material.answers],
        )
    signed = BytesIO()
    asked = _DatedSigner(
        metadata, _Asked(signer), timestamper=_Stamps(proofs, material) if stamped else None, at=at
    )
    await asked.async_sign_pdf(
        writer, output=signed, bytes_reserved=2 * HELD_BYTES if stamped else None
    )
    return signed.getvalue()


class _Asked(signers.Signer):
    """Our signer, as pyHanko asks for signatures."""

    def __init__(self, signer: Signer) -> None:
        between = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        between.register_multiple(map(asn1_x509.Certificate.load, signer.identity.chain))
        super().__init__(
            signing_cert=asn1_x509.Certificate.load(signer.identity.certificate),
            cert_registry=between,
        )
        self._signer = signer

    async def signed_attrs(self, *args: Any, **kwargs: Any) -> cms.CMSAttributes:
        """Names every certificate it brings, so that none can be exchanged unnoticed."""
        attributes = await super().signed_attrs(*args, **kwargs)
        for one in attributes:
            if one["type"].native == "signing_certificate_v2" and self._signer.identity.chain:
                named = one["values"][0]
                named["certs"] = [
                    *named["certs"],
                    *(_named(certificate) for certificate in self._signer.identity.chain),
                ]
        return attributes

    async def async_sign_raw(
        self, data: bytes, digest_algorithm: str, dry_run: bool = False
    ) -> bytes:
        if dry_run:
            return bytes(SIGNATURE_BYTES_MAX[self._signer.identity.algorithm])
        if digest_algorithm != "sha256":
            raise ValueError("receipts are signed over SHA-256")
        return await self._signer.sign(data)


def _named(certificate: bytes) -> tsp.ESSCertIDv2:
    return tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate).digest()})


class _DatedSigner(signers.PdfSigner):
    """Takes the time it is given; pyHanko would ask the machine."""

    def __init__(
        self,
        metadata: Any,
        signer: signers.Signer,
        *,
        timestamper: TimeStamper | None,
        at: datetime,
    ) -> None:
        super().__init__(metadata, signer, timestamper=timestamper, new_field_spec=HIDDEN_FIELD)
        self._at = at

    def init_signing_session(self, *args: Any, **kwargs: Any) -> Any:
        session = super().init_signing_session(*args, **kwargs)
        session.system_time = self._at
        return session


class _Stamps(TimeStamper):
    """Our time stamps, as pyHanko asks for them."""

    def __init__(self, proofs: Proofs, material: Material) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._proofs = proofs
        self._material = material

    async def async_dummy_response(self, md_algorithm: str) -> cms.ContentInfo:
        # Room is reserved by ourselves; asking for a stamp only to see its size costs one.
        return cms.ContentInfo({"content_type": "data", "content": b""})

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        return cms.ContentInfo.load(
            await self._proofs.stamp(message_digest, material=self._material)
        )
