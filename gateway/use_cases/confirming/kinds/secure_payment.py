from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from chassis.canonical import load_json
from gateway.domain.confirming.fee_intent import read_intent
from gateway.domain.confirming.payment_data import require_payment
from gateway.domain.confirming.proof import ProofKind, Proven
from gateway.use_cases.confirming.assertions import prove_by_passkey
from gateway.use_cases.confirming.proving import ProvingTools, Setting


@dataclass(frozen=True, slots=True)
class SecurePaymentProof:
    """`credential` is the `details` of the PaymentResponse: the browser showed payee and total."""

    credential: Mapping[str, Any]
    kind: ClassVar[ProofKind] = ProofKind.SECURE_PAYMENT

    def stated(self) -> Mapping[str, Any]:
        return self.credential

    def claim(self) -> None:
        return None

    async def check(self, setting: Setting, tools: ProvingTools) -> Proven:
        found = await prove_by_passkey(self.credential, setting=setting, tools=tools, payment=True)
        intent = read_intent(setting.confirmation.intent_bytes)
        client_data = load_json(found.result.client_data_json)
        require_payment(client_data, intent, tools.passkeys.party)
        return found.proven(setting, factor="payment-passkey")
