import sqlite3
from pathlib import Path

from deploy.sandbox_bank.ledger import BankLedger
from deploy.sandbox_providers.order import RefundBehaviour

OLD = """
CREATE TABLE payment (
    provider_reference TEXT PRIMARY KEY, bank_bin TEXT NOT NULL, account_number TEXT NOT NULL,
    bill_number TEXT NOT NULL, purpose TEXT NOT NULL, amount INTEGER NOT NULL,
    paid_at TEXT NOT NULL, behaviour TEXT NOT NULL, delay_seconds REAL NOT NULL
);
INSERT INTO payment VALUES
    ('FT1', '970436', '0123', 'LP1', '', 5, '2026-11-23T09:00:00+07:00', 'normal', 0.0);
"""


def test_a_book_of_an_earlier_version_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "bank.sqlite"
    with sqlite3.connect(path) as old:
        old.executescript(OLD)
    old.close()

    BankLedger(path).close()
    ledger = BankLedger(path)

    payment = ledger.get("FT1")
    ledger.close()
    assert (payment.amount, payment.alias_account) == (5, "")
    assert payment.refund_behaviour is RefundBehaviour.NORMAL
