"""The certificates that a registration has to name."""

from collections.abc import Sequence

from cryptography import x509

from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.series.registration import SigningCertificate
from services.receipt.ports.signing import Signers


class SignersCertificates:
    def __init__(self, signers: Signers) -> None:
        self._signers = signers

    async def of(self, agency_code: str) -> Sequence[SigningCertificate]:
        try:
            signer = await self._signers.of(agency_code)
        except SignerUnavailable:
            return ()
        certificate = x509.load_der_x509_certificate(signer.identity.certificate)
        return (
            SigningCertificate(
                issuer=certificate.issuer.rfc4514_string(),
                serial=f"{certificate.serial_number:X}",
                valid_from=certificate.not_valid_before_utc,
                valid_to=certificate.not_valid_after_utc,
            ),
        )
