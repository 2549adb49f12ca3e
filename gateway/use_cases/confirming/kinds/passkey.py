from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from gateway.domain.confirming.proof import ProofKind, Proven
from gateway.use_cases.confirming.assertions import prove_by_passkey
from gateway.use_cases.confirming.proving import ProvingTools, Setting


@dataclass(frozen=True, slots=True)
class PasskeyProof:
    """`credential` is what `navigator.credentials.get` gave, as JSON."""

    credential: Mapping[str, Any]
    kind: ClassVar[ProofKind] = ProofKind.PASSKEY

    def stated(self) -> Mapping[str, Any]:
        return self.credential

    def claim(self) -> None:
        return None

    async def check(self, setting: Setting, tools: ProvingTools) -> Proven:
        found = await prove_by_passkey(self.credential, setting=setting, tools=tools, payment=False)
        return found.proven(setting, factor="passkey")
