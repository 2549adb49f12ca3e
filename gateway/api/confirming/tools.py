from dataclasses import dataclass

from gateway.ports.confirming import CertificateSignatures, RevocationChecks


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateTools:
    """What proofs by certificates need beyond a transaction."""

    signatures: CertificateSignatures
    revocation: RevocationChecks
