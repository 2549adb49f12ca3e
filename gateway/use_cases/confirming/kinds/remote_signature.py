from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gateway.domain.confirming.certificate import Authority, CertifiedSignature
from gateway.domain.confirming.proof import ProofKind, Proven
from gateway.use_cases.confirming.proving import (
    CertifiedClaim,
    ProvingTools,
    Setting,
    prove_by_certificate,
)


@dataclass(frozen=True, slots=True)
class RemoteSignatureProof:
    """Made at a licensed authority, over the intent bytes, with the payer's own certificate."""

    signature: CertifiedSignature
    kind: ClassVar[ProofKind] = ProofKind.REMOTE_SIGNATURE

    def stated(self) -> Mapping[str, Any]:
        return {"form": self.signature.form.value, "value": self.signature.value}

    def claim(self) -> CertifiedClaim:
        return CertifiedClaim(self.signature, Authority.PERSON)

    async def check(self, setting: Setting, tools: ProvingTools) -> Proven:
        return await prove_by_certificate(self.claim(), factor="certificate", setting=setting)
