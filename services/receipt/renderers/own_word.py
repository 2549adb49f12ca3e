"""A signature of level B-B: nobody from outside stands behind it but who issued the certificate."""

from services.receipt.domain.errors import SignerUnavailable
from services.receipt.domain.signing.identity import SigningIdentity
from services.receipt.domain.signing.level import Material, SignatureLevel


class OwnWord:
    level = SignatureLevel.B_B

    async def stamp(self, digest: bytes, *, material: Material) -> bytes:
        raise SignerUnavailable("nobody is configured to stamp the time")

    async def material(self, identity: SigningIdentity) -> Material:
        return Material()
