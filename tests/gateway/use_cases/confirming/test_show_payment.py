from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from gateway.domain.confirming.confirmation import Status
from gateway.domain.confirming.shown_payment import ShownPayment, ShownReceipt
from gateway.domain.confirming.shown_ways import ShownAttempt, ShownMethod
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import StrongerSignInNeeded
from gateway.use_cases.confirming.show_payment import PaymentView, Stage, show_payment
from tests.gateway.fakes import FakeUnitOfWork
from tests.gateway.proofs.fakes import session_of
from tests.gateway.samples import CONFIRMATION, FEE, NOW, PAYER, PAYMENT

SOMEBODY_ELSE = UUID(int=99)
RECEIPT = ShownReceipt(kind="phi", printed_number="00000001", lookup_code="a" * 22)
SHOWN = ShownPayment(
    reference=None,
    dossier_code="H19.25-261123-0001",
    agency_code="H19.25",
    agency_name="Sở Tư pháp",
    account_name="KHO BAC",
    account_number="0123456789",
    bank_bin="970436",
    lines=(),
    amount=FEE,
    status="created",
    expires_at=NOW,
    bill_reference=None,
    qr_payload=None,
    assurance=None,
    paid_at=None,
)


class FakeShownPayments:
    def __init__(self, payment: ShownPayment) -> None:
        self.payment = payment
        self.methods: Sequence[ShownMethod] = ()
        self.attempts: Sequence[ShownAttempt] = ()

    async def get(self, payment_intent_id: UUID, *, user_id: UUID) -> ShownPayment:
        return self.payment

    async def list_receipts(self, payment_intent_id: UUID) -> Sequence[ShownReceipt]:
        return [RECEIPT]

    async def list_methods(
        self, payment_intent_id: UUID, *, user_id: UUID
    ) -> Sequence[ShownMethod]:
        return self.methods

    async def list_attempts(
        self, payment_intent_id: UUID, *, user_id: UUID
    ) -> Sequence[ShownAttempt]:
        return self.attempts


async def shown(
    status: str, *, confirmer: UUID | None = None, qr: str | None = None, acr: Acr = Acr.MFA
) -> PaymentView:
    uow = FakeUnitOfWork()
    if confirmer is not None:
        given = replace(CONFIRMATION, status=Status.CONFIRMED, user_id=confirmer)
        uow.confirmations.confirmations[given.id] = given
    payments = FakeShownPayments(replace(SHOWN, status=status, qr_payload=qr))
    return await show_payment(PAYMENT, session=session_of(acr=acr), payments=payments, uow=uow)


async def test_receipts_are_shown_to_whoever_confirmed_and_to_nobody_else() -> None:
    own = await shown("succeeded", confirmer=PAYER)
    other = await shown("succeeded", confirmer=SOMEBODY_ELSE)

    assert (own.stage, own.receipts) == (Stage.PAID, (RECEIPT,))
    assert (other.stage, other.receipts) == (Stage.PAID, ())
    assert not other.is_own


@pytest.mark.parametrize(
    ("status", "confirmer", "qr", "stage"),
    [
        ("created", None, None, Stage.CONFIRMABLE),
        ("created", PAYER, None, Stage.PREPARING),
        ("confirmed", PAYER, None, Stage.PREPARING),
        ("confirmed", PAYER, "000201", Stage.PAYABLE),
        ("expired", PAYER, None, Stage.EXPIRED),
        ("cancelled", None, None, Stage.CANCELLED),
        ("something new", PAYER, None, Stage.PREPARING),
    ],
)
async def test_a_stage_says_what_the_reader_can_do(
    status: str, confirmer: UUID | None, qr: str | None, stage: Stage
) -> None:
    assert (await shown(status, confirmer=confirmer, qr=qr)).stage is stage


async def test_a_weak_session_is_shown_nothing() -> None:
    with pytest.raises(StrongerSignInNeeded):
        await shown("created", acr=Acr.FEDERATED)
