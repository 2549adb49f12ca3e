"""The played providers' book, in a small SQLite file or in memory.

Calls take well under a millisecond and are made from one thread, so they are plain and not async.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from chassis.errors import NotFound
from deploy.sandbox_providers.order import (
    Behaviour,
    OrderStatus,
    RefundBehaviour,
    SandboxOrder,
    SandboxRefund,
)

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entry (
    kind TEXT NOT NULL,
    provider TEXT NOT NULL,
    reference TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (kind, provider, reference)
);
"""
PUT: Final = (
    "INSERT INTO entry VALUES (?, ?, ?, ?)"
    " ON CONFLICT (kind, provider, reference) DO UPDATE SET document = excluded.document"
)
MOMENTS: Final = ("created_at", "paid_at", "made_at")
Kept = TypeVar("Kept")


class UnknownOrder(NotFound):
    code = "unknown_order"

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"This provider has no order {reference}.",
            vi=f"Nhà cung cấp không có giao dịch {reference}.",
        )


class Book:
    def __init__(self, path: Path | None) -> None:
        """Without a path the book is gone with the process."""
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        self._connection.close()

    def put(self, order: SandboxOrder) -> SandboxOrder:
        self._put("order", order.provider, order.order_reference, order)
        return order

    def find(self, provider: str, order_reference: str) -> SandboxOrder | None:
        found = self._find("order", provider, order_reference)
        return _order(found) if found else None

    def get(self, provider: str, order_reference: str) -> SandboxOrder:
        found = self.find(provider, order_reference)
        if found is None:
            raise UnknownOrder(order_reference)
        return found

    def list_orders(self, provider: str, *, limit: int = 1000) -> Sequence[SandboxOrder]:
        """The latest first."""
        return [_order(one) for one in self._list("order", provider, limit)]

    def put_refund(self, refund: SandboxRefund) -> SandboxRefund:
        self._put("refund", refund.provider, refund.refund_reference, refund)
        return refund

    def find_refund(self, provider: str, refund_reference: str) -> SandboxRefund | None:
        found = self._find("refund", provider, refund_reference)
        return SandboxRefund(**found) if found else None

    def list_refunds(self, provider: str, *, limit: int = 1000) -> Sequence[SandboxRefund]:
        return [SandboxRefund(**one) for one in self._list("refund", provider, limit)]

    def refunded(self, provider: str, order_reference: str) -> int:
        """What went back of an order, whatever its refunds were called."""
        return sum(
            one.amount
            for one in self.list_refunds(provider)
            if one.order_reference == order_reference and one.status != "refused"
        )

    def _put(self, kind: str, provider: str, reference: str, kept: Any) -> None:
        document = json.dumps(asdict(kept), default=datetime.isoformat)
        self._connection.execute(PUT, (kind, provider, reference, document))

    def _find(self, kind: str, provider: str, reference: str) -> dict[str, Any] | None:
        row = self._connection.execute(
            "SELECT document FROM entry WHERE kind = ? AND provider = ? AND reference = ?",
            (kind, provider, reference),
        ).fetchone()
        return _facts(row[0]) if row else None

    def _list(self, kind: str, provider: str, limit: int) -> list[dict[str, Any]]:
        rows = self._connection.execute(
            "SELECT document FROM entry WHERE kind = ? AND provider = ?"
            " ORDER BY rowid DESC LIMIT ?",
            (kind, provider, limit),
        )
        return [_facts(row[0]) for row in rows]


def _facts(document: str) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(document)
    for name in MOMENTS:
        if facts.get(name):
            facts[name] = datetime.fromisoformat(facts[name])
    return facts


def _order(facts: dict[str, Any]) -> SandboxOrder:
    facts["status"] = OrderStatus(facts["status"])
    facts["behaviour"] = Behaviour(facts["behaviour"])
    facts["refund_behaviour"] = RefundBehaviour(facts["refund_behaviour"])
    return SandboxOrder(**facts)
