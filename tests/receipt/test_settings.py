import pytest
from pydantic import ValidationError

from services.receipt.domain.receipts.paper import Paper
from services.receipt.domain.signing.level import SignatureLevel
from services.receipt.settings import ReceiptSettings

STAMPED = {"RECEIPT_SIGNATURE_LEVEL": "B-LT", "RECEIPT_TSA_URL": "http://tsa.test"}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("RECEIPT_DATABASE_URL", "sqlite+aiosqlite://")
    return monkeypatch


@pytest.mark.parametrize(
    "told",
    [{"RECEIPT_OCSP": "true"}, {"RECEIPT_REVOCATION_LISTS": '["http://ca.test/ca.crl"]'}],
    ids=["answers", "lists"],
)
def test_lasting_proof_needs_somebody_who_tells_of_revocation(
    environment: pytest.MonkeyPatch, told: dict[str, str]
) -> None:
    for name, value in STAMPED.items():
        environment.setenv(name, value)
    with pytest.raises(ValidationError, match="RECEIPT_OCSP"):
        ReceiptSettings()

    for name, value in told.items():
        environment.setenv(name, value)

    assert ReceiptSettings().signature_level is SignatureLevel.B_LT


def test_paper_is_a5_or_a4(environment: pytest.MonkeyPatch) -> None:
    assert ReceiptSettings().paper is Paper.A5

    environment.setenv("RECEIPT_PAPER", "a4")
    assert ReceiptSettings().paper is Paper.A4

    environment.setenv("RECEIPT_PAPER", "letter")
    with pytest.raises(ValidationError):
        ReceiptSettings()
