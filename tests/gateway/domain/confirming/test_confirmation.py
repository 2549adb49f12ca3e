from dataclasses import replace
from datetime import timedelta
from itertools import product
from unicodedata import normalize
from uuid import UUID

import pytest

from gateway.domain.confirming.confirmation import ALLOWED, ConfirmationProof, Status
from gateway.domain.confirming.errors import ConfirmationExpired
from gateway.domain.confirming.fee_intent import FeeItem, IntentTerms, describe_intent, intent_bytes
from gateway.domain.confirming.proof import ProofKind
from gateway.domain.errors import IllegalTransition
from tests.gateway.samples import ACCOUNT, CONFIRMATION, FEE, NOW, PAYABLE

PROOF = ConfirmationProof(
    kind=ProofKind.DEVICE_KEY,
    fingerprint="0" * 64,
    assurance="password+totp+device-key",
    evidence_id=UUID(int=9),
    confirmed_at=NOW,
)
TERMS = IntentTerms(
    audience="https://gateway.example",
    payer="payer",
    method="vietqr",
    issued_at=NOW,
    expires_at=NOW + timedelta(minutes=5),
    nonce="nonce",
)


@pytest.mark.parametrize(("current", "wanted"), list(product(Status, Status)))
def test_only_the_steps_of_the_table_are_taken(current: Status, wanted: Status) -> None:
    confirmation = CONFIRMATION if current is Status.OPEN else CONFIRMATION.move_to(current)

    if wanted in ALLOWED[current]:
        assert confirmation.move_to(wanted).status is wanted
    else:
        with pytest.raises(IllegalTransition):
            confirmation.move_to(wanted)


def test_confirming_keeps_the_proof() -> None:
    assert CONFIRMATION.confirm(PROOF).proof is PROOF


def test_a_confirmation_is_open_up_to_its_end_and_not_at_it() -> None:
    CONFIRMATION.require_open(CONFIRMATION.expires_at - timedelta(microseconds=1))

    with pytest.raises(ConfirmationExpired):
        CONFIRMATION.require_open(CONFIRMATION.expires_at)


def test_two_spellings_of_one_letter_make_one_intent() -> None:
    composed, decomposed = (normalize(form, "Lệ phí") for form in ("NFC", "NFD"))
    items = [
        replace(PAYABLE, items=(FeeItem(code="LP", name=name, amount=FEE),))
        for name in (composed, decomposed)
    ]

    assert composed != decomposed
    assert len({intent_bytes(describe_intent(fee, TERMS)) for fee in items}) == 1


def test_amounts_are_text_because_json_numbers_lose_digits() -> None:
    intent = describe_intent(PAYABLE, TERMS)

    assert intent["amount"] == intent["items"][0]["amount"] == "150000"


def test_two_agencies_cannot_tell_that_they_share_a_payer() -> None:
    one, other = ACCOUNT.pairwise_id("H19.25"), ACCOUNT.pairwise_id("H19.26")

    assert one != other
    assert one == ACCOUNT.pairwise_id("H19.25")
