"""What opening bills takes besides the bills themselves, for one and for many alike."""

from dataclasses import dataclass
from uuid import UUID

from chassis.clock import Clock
from chassis.ids import Ids
from chassis.ports import SealingPort
from services.payment.domain.bills.bill_request import PAYER_PURPOSE, BillRequest, Opening
from services.payment.domain.intents.bill_reference import new_bill_reference
from services.payment.domain.intents.method import Method
from services.payment.domain.intents.payment_attempt import PaymentAttempt
from services.payment.domain.intents.payment_intent import PaymentIntent


@dataclass(frozen=True, slots=True, kw_only=True)
class BillDesk:
    """`provider` reports what the codes bring."""

    seals: SealingPort
    clock: Clock
    ids: Ids
    provider: str

    def seal(self, request: BillRequest) -> str:
        return self.seals.seal(request.payer.facts(), purpose=PAYER_PURPOSE)

    def opening(
        self,
        *,
        payer_sealed: str,
        evidence_id: str,
        idempotency_key: str | None = None,
        batch_id: UUID | None = None,
    ) -> Opening:
        return Opening(
            intent_id=self.ids.new(),
            confirmation_id=self.ids.new(),
            bill_reference=new_bill_reference(self.ids.token()),
            payer_sealed=payer_sealed,
            evidence_id=evidence_id,
            idempotency_key=idempotency_key,
            batch_id=batch_id,
        )

    def code_attempt(self, intent: PaymentIntent) -> PaymentAttempt:
        """A printed code waits for weeks: its provider is asked once, before the bill expires."""
        assert intent.bill_reference is not None, "a bill is opened with its reference"
        return PaymentAttempt(
            id=self.ids.new(),
            payment_intent_id=intent.id,
            number=1,
            method=Method.VIETQR,
            provider=self.provider,
            bill_reference=intent.bill_reference,
            started_at=intent.created_at,
            expires_at=intent.expires_at,
            next_enquiry_at=intent.expires_at,
        )
