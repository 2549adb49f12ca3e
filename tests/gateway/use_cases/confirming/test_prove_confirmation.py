from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from chassis.errors import Refused
from chassis.testing import FakeIds, FrozenClock
from gateway.authentication.people.passkeys import WebauthnPasskeys
from gateway.domain.confirming.confirmation import Confirmation, Status
from gateway.domain.confirming.errors import (
    AlreadyConfirmed,
    ConfirmationExpired,
    ConfirmationNotFound,
    ConfirmationSuperseded,
    ConfirmationUsed,
    DeviceKeyRefused,
    ProofRefused,
)
from gateway.domain.confirming.events import PaymentIntentConfirmedV1
from gateway.domain.machines.client import KeyState
from gateway.domain.people.account import Session
from gateway.domain.people.assurance import Acr
from gateway.domain.people.errors import AccountLocked, CodeRefused, StrongerSignInNeeded
from gateway.domain.people.passkey import RelyingParty
from gateway.use_cases.confirming.kinds.device_key import DeviceKeyProof
from gateway.use_cases.confirming.prove_confirmation import Confirmed, prove_confirmation
from gateway.use_cases.confirming.proving import ProvingTools
from tests.gateway.fakes import FakeCodes, FakePayments, FakeProofs, FakeUnitOfWork
from tests.gateway.proofs.fakes import FakeRevocation, FakeSignatures, session_of
from tests.gateway.samples import ACCOUNT, CONFIRMATION, DEVICE, NOW, PAYABLE, PAYER

PARTY = RelyingParty(id="gateway.example", name="Lephi", origin="https://gateway.example")
STATED = CONFIRMATION.intent_bytes.decode()
GOOD = DeviceKeyProof(f"device|{STATED}", "000007")


class Scene:
    def __init__(self, confirmation: Confirmation = CONFIRMATION) -> None:
        self.clock = FrozenClock(NOW)
        self.payments = FakePayments(PAYABLE)
        self.uow = FakeUnitOfWork()
        self.session: Session | None = None
        self.uow.accounts.accounts[PAYER] = ACCOUNT
        self.uow.device_keys.keys[DEVICE.id] = DEVICE
        self.uow.confirmations.confirmations[confirmation.id] = confirmation

    async def prove(self, given: DeviceKeyProof = GOOD, *, user_id: UUID = PAYER) -> Confirmed:
        tools = ProvingTools(
            codes=FakeCodes(),
            proofs=FakeProofs(),
            passkeys=WebauthnPasskeys(PARTY),
            certificates=FakeSignatures(),
            revocation=FakeRevocation(),
            payments=self.payments,
            clock=self.clock,
            ids=FakeIds(),
        )
        return await prove_confirmation(
            CONFIRMATION.id,
            given,
            session=self.session or session_of(user_id),
            uow=self.uow,
            tools=tools,
        )

    async def assert_refused(
        self, reason: type[Refused], given: DeviceKeyProof = GOOD, *, user_id: UUID = PAYER
    ) -> None:
        with pytest.raises(reason):
            await self.prove(given, user_id=user_id)
        assert self.uow.evidence.kept == []
        assert self.uow.outbox.types == []
        assert self.payments.confirmed == []


async def test_a_proof_confirms_leaves_evidence_and_is_announced() -> None:
    scene = Scene()

    confirmed = await scene.prove()

    (said,) = scene.uow.outbox.events
    (kept,) = scene.uow.evidence.kept
    assert isinstance(said, PaymentIntentConfirmedV1)
    assert said.evidence_id == kept.id
    assert kept.record["totp_step"] == 7
    assert confirmed.confirmation.status is Status.CONFIRMED
    assert confirmed.payment == {"status": "confirmed"}


async def test_the_same_proof_again_says_nothing_new() -> None:
    scene = Scene()
    first = await scene.prove()

    again = await scene.prove()

    assert again == first
    assert len(scene.uow.outbox.events) == len(scene.uow.evidence.kept) == 1


async def test_payment_out_of_reach_does_not_undo_a_confirmation() -> None:
    scene = Scene()
    scene.payments.down = True

    confirmed = await scene.prove()

    assert confirmed.payment is None
    assert scene.uow.outbox.types == ["payment_intent.confirmed.v1"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [(Status.SUPERSEDED, ConfirmationSuperseded), (Status.EXPIRED, ConfirmationExpired)],
)
async def test_a_confirmation_that_ended_cannot_be_given(
    status: Status, reason: type[Refused]
) -> None:
    await Scene(CONFIRMATION.move_to(status)).assert_refused(reason)


async def test_the_last_instant_is_too_late() -> None:
    scene = Scene()
    scene.clock.advance(timedelta(minutes=5))

    await scene.assert_refused(ConfirmationExpired)


async def test_another_proof_for_a_given_confirmation_is_refused() -> None:
    scene = Scene()
    await scene.prove()

    for given in (
        DeviceKeyProof(GOOD.jws, "000008"),
        DeviceKeyProof(f"device|{STATED} ", GOOD.code),
    ):
        with pytest.raises(ConfirmationUsed):
            await scene.prove(given)


async def test_other_bytes_another_key_or_another_person_are_refused() -> None:
    await Scene().assert_refused(ProofRefused, DeviceKeyProof("device|another fee", GOOD.code))
    await Scene().assert_refused(DeviceKeyRefused, DeviceKeyProof(f"unknown|{STATED}", GOOD.code))
    await Scene().assert_refused(ConfirmationNotFound, user_id=UUID(int=99))


async def test_a_revoked_or_foreign_device_key_is_refused() -> None:
    for device in (
        replace(DEVICE, state=KeyState.REVOKED),
        replace(DEVICE, user_id=UUID(int=99)),
    ):
        scene = Scene()
        scene.uow.device_keys.keys[DEVICE.id] = device
        await scene.assert_refused(DeviceKeyRefused)


async def test_a_spent_code_is_refused_and_the_try_is_committed() -> None:
    scene = Scene()
    scene.uow.accounts.accounts[PAYER] = replace(ACCOUNT, last_step=7)

    await scene.assert_refused(CodeRefused)

    assert scene.uow.accounts.accounts[PAYER].wrong_codes == 1
    assert scene.uow.committed == 1


async def test_a_wrong_signature_does_not_use_up_the_code() -> None:
    scene = Scene()

    await scene.assert_refused(ProofRefused, DeviceKeyProof("device|another fee", GOOD.code))

    assert scene.uow.accounts.accounts[PAYER].last_step == 0


async def test_a_locked_account_confirms_nothing() -> None:
    scene = Scene()
    scene.uow.accounts.accounts[PAYER] = replace(
        ACCOUNT, codes_locked_until=NOW + timedelta(seconds=1)
    )

    await scene.assert_refused(AccountLocked)


async def test_a_fee_that_another_payer_confirmed_is_refused() -> None:
    scene = Scene()
    await scene.prove()
    scene.uow.confirmations.confirmations[CONFIRMATION.id] = CONFIRMATION
    theirs = replace(CONFIRMATION, id=UUID(int=77), status=Status.CONFIRMED)
    scene.uow.confirmations.confirmations[theirs.id] = theirs

    with pytest.raises(AlreadyConfirmed):
        await scene.prove(DeviceKeyProof(GOOD.jws, "000009"))


@pytest.mark.parametrize("acr", [Acr.PASSWORD, Acr.RECOVERY, Acr.FEDERATED])
async def test_a_weak_session_confirms_nothing_whatever_the_door_let_in(acr: Acr) -> None:
    scene = Scene()
    scene.session = session_of(acr=acr)

    await scene.assert_refused(StrongerSignInNeeded)
