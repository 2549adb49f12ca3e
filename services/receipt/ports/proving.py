"""What outsiders say about a signature, put beside it before it is stored."""

from typing import Protocol

from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.domain.signing.level import Material, SignatureLevel


class Proofs(Protocol):
    @property
    def level(self) -> SignatureLevel: ...

    async def stamp(self, digest: bytes, *, material: Material) -> bytes:
        """An RFC 3161 token over a SHA-256 digest, by the stamper whom the material is about;
        raises SignerUnavailable when there is none."""

    async def material(self, identity: SigningIdentity) -> Material:
        """For this signer and the time stamper; raises SignerUnavailable, also when a certificate
        is revoked: nothing is signed by it then."""
