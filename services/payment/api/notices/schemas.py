from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel

from services.payment.domain.discrepancies.discrepancy import (
    Reason,
)
from services.payment.domain.notices.provider_notification import Verdict


class VerdictBody(BaseModel):
    """`settled`: the fee is paid by this money. `kept`: the notice is safe and settled nothing."""

    status: Literal["settled", "kept"]
    payment_intent_id: UUID | None
    provider_reference: str
    discrepancy: Reason | None

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        return cls(
            status=verdict.status,
            payment_intent_id=verdict.payment_intent_id,
            provider_reference=verdict.provider_reference,
            discrepancy=verdict.discrepancy,
        )
