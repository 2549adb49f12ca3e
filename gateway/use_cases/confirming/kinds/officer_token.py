from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from gateway.domain.confirming.certificate import Authority, CertifiedSignature, SignatureForm
from gateway.domain.confirming.fee_intent import read_intent
from gateway.domain.confirming.proof import ProofKind, Proven
from gateway.use_cases.confirming.counter import require_counter_officer
from gateway.use_cases.confirming.proving import (
    CertifiedClaim,
    ProvingTools,
    Setting,
    prove_by_certificate,
)


@dataclass(frozen=True, slots=True)
class OfficerTokenProof:
    """`jws` is detached, with x5c, by the officer's own token at the counter."""

    jws: str
    kind: ClassVar[ProofKind] = ProofKind.OFFICER_TOKEN

    def stated(self) -> Mapping[str, Any]:
        return asdict(self)

    def claim(self) -> CertifiedClaim:
        return CertifiedClaim(CertifiedSignature(SignatureForm.JWS, self.jws), Authority.OFFICER)

    async def check(self, setting: Setting, tools: ProvingTools) -> Proven:
        # Read anew: the duty may have been taken away since the confirmation was opened.
        held = await setting.uow.grants.list_live_of(setting.account.id)
        intent = read_intent(setting.confirmation.intent_bytes)
        require_counter_officer(held, agency=intent["payee"]["code"])
        return await prove_by_certificate(self.claim(), factor="officer-token", setting=setting)
