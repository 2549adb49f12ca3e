"""The bank's own book, in a small SQLite file: what was paid, and what it told whom about it.

Calls take well under a millisecond and are made from one thread, so they are plain and not async.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from chassis.errors import NotFound
from deploy.sandbox_bank.payment import Alias, Attempt, BankPayment, BankRefund, Behaviour
from deploy.sandbox_providers.order import RefundBehaviour

SCHEMA = """
CREATE TABLE IF NOT EXISTS payment (
    provider_reference TEXT PRIMARY KEY,
    bank_bin TEXT NOT NULL,
    account_number TEXT NOT NULL,
    bill_number TEXT NOT NULL,
    purpose TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    paid_at TEXT NOT NULL,
    behaviour TEXT NOT NULL,
    delay_seconds REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS payment_bill_number_idx ON payment (bill_number);
CREATE INDEX IF NOT EXISTS payment_account_idx ON payment (bank_bin, account_number);
CREATE TABLE IF NOT EXISTS attempt (
    id INTEGER PRIMARY KEY,
    notice_id TEXT NOT NULL,
    provider_reference TEXT NOT NULL REFERENCES payment (provider_reference),
    sent_at TEXT NOT NULL,
    status INTEGER,
    answer TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS attempt_provider_reference_idx ON attempt (provider_reference);
CREATE TABLE IF NOT EXISTS alias (
    alias_account TEXT PRIMARY KEY,
    order_reference TEXT NOT NULL UNIQUE,
    bill_number TEXT NOT NULL,
    amount INTEGER NOT NULL,
    bank_bin TEXT NOT NULL,
    account_number TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS refund (
    refund_reference TEXT PRIMARY KEY,
    paid_by TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    status TEXT NOT NULL,
    provider_reference TEXT NOT NULL,
    to_account TEXT NOT NULL,
    failure TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS refund_paid_by_idx ON refund (paid_by);
"""
# Books of an earlier version lack these.
COLUMNS: Final = {"refund_behaviour": "normal", "alias_account": ""}
UNHEARD = """
SELECT p.* FROM payment p WHERE p.behaviour NOT IN ('silent', 'bad_signature') AND NOT EXISTS (
    SELECT 1 FROM attempt a
    WHERE a.provider_reference = p.provider_reference AND a.status BETWEEN 200 AND 299
) ORDER BY p.paid_at LIMIT :limit
"""


class UnknownPayment(NotFound):
    code = "unknown_payment"

    def __init__(self, provider_reference: str) -> None:
        super().__init__(
            f"This bank made no payment {provider_reference}.",
            vi=f"Ngân hàng không có giao dịch {provider_reference}.",
        )


class BankLedger:
    def __init__(self, path: Path | None) -> None:
        """Without a path the book lives in memory and is gone with the process."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        self._connection.executescript(SCHEMA)
        known = {row["name"] for row in self._connection.execute("PRAGMA table_info(payment)")}
        for name, usual in COLUMNS.items():
            if name not in known:
                self._connection.execute(
                    f"ALTER TABLE payment ADD COLUMN {name} TEXT NOT NULL DEFAULT '{usual}'"
                )

    def close(self) -> None:
        self._connection.close()

    def add(self, payment: BankPayment) -> None:
        self._connection.execute(
            "INSERT INTO payment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                payment.provider_reference,
                payment.bank_bin,
                payment.account_number,
                payment.bill_number,
                payment.purpose,
                payment.amount,
                payment.paid_at.isoformat(),
                payment.behaviour,
                payment.delay_seconds,
                payment.refund_behaviour,
                payment.alias_account,
            ),
        )

    def get(self, provider_reference: str) -> BankPayment:
        found = self.find(provider_reference)
        if found is None:
            raise UnknownPayment(provider_reference)
        return found

    def find(self, provider_reference: str) -> BankPayment | None:
        row = self._connection.execute(
            "SELECT * FROM payment WHERE provider_reference = ?", (provider_reference,)
        ).fetchone()
        return _payment(row) if row else None

    def add_alias(self, alias: Alias) -> None:
        self._connection.execute("INSERT INTO alias VALUES (?, ?, ?, ?, ?, ?)", astuple(alias))

    def find_alias(self, alias_account: str) -> Alias | None:
        return self._alias("SELECT * FROM alias WHERE alias_account = ?", alias_account)

    def find_alias_of(self, order_reference: str) -> Alias | None:
        return self._alias("SELECT * FROM alias WHERE order_reference = ?", order_reference)

    def put_refund(self, refund: BankRefund) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO refund VALUES (?, ?, ?, ?, ?, ?, ?)", astuple(refund)
        )

    def find_refund(self, refund_reference: str) -> BankRefund | None:
        row = self._connection.execute(
            "SELECT * FROM refund WHERE refund_reference = ?", (refund_reference,)
        ).fetchone()
        return BankRefund(**dict(row)) if row else None

    def refunded(self, provider_reference: str) -> int:
        (total,) = self._connection.execute(
            "SELECT COALESCE(SUM(amount), 0) FROM refund WHERE paid_by = ? AND status <> 'refused'",
            (provider_reference,),
        ).fetchone()
        return int(total)

    def list_latest(self, *, limit: int) -> Sequence[BankPayment]:
        return self._payments("SELECT * FROM payment ORDER BY rowid DESC LIMIT :limit", limit=limit)

    def list_of_bill(self, bill_number: str, *, limit: int) -> Sequence[BankPayment]:
        return self._payments(
            "SELECT * FROM payment WHERE bill_number = :bill ORDER BY rowid LIMIT :limit",
            bill=bill_number,
            limit=limit,
        )

    def list_unheard(self, *, limit: int) -> Sequence[BankPayment]:
        """Payments whose notice nobody has accepted yet, the oldest first."""
        return self._payments(UNHEARD, limit=limit)

    def balance(self, *, bank_bin: str, account_number: str) -> int:
        (total,) = self._connection.execute(
            "SELECT COALESCE(SUM(amount), 0) FROM payment"
            " WHERE bank_bin = ? AND account_number = ?",
            (bank_bin, account_number),
        ).fetchone()
        return int(total)

    def add_attempt(self, attempt: Attempt) -> None:
        self._connection.execute(
            "INSERT INTO attempt (notice_id, provider_reference, sent_at, status, answer)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                str(attempt.notice_id),
                attempt.provider_reference,
                attempt.sent_at.isoformat(),
                attempt.status,
                attempt.answer,
            ),
        )

    def list_attempts(self, provider_reference: str, *, limit: int = 100) -> Sequence[Attempt]:
        rows = self._connection.execute(
            "SELECT * FROM attempt WHERE provider_reference = ? ORDER BY id LIMIT ?",
            (provider_reference, limit),
        )
        return [_attempt(row) for row in rows]

    def _alias(self, statement: str, value: str) -> Alias | None:
        row = self._connection.execute(statement, (value,)).fetchone()
        return Alias(**dict(row)) if row else None

    def _payments(self, statement: str, **parameters: Any) -> Sequence[BankPayment]:
        return [_payment(row) for row in self._connection.execute(statement, parameters)]


def _payment(row: sqlite3.Row) -> BankPayment:
    facts = dict(row)
    facts["paid_at"] = datetime.fromisoformat(facts["paid_at"])
    facts["behaviour"] = Behaviour(facts["behaviour"])
    facts["refund_behaviour"] = RefundBehaviour(facts["refund_behaviour"])
    return BankPayment(**facts)


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        notice_id=UUID(row["notice_id"]),
        provider_reference=row["provider_reference"],
        sent_at=datetime.fromisoformat(row["sent_at"]),
        status=row["status"],
        answer=row["answer"],
    )
