"""Reads the whole ledger and asks whether it holds together, and with what it is about.

Slow on purpose: nothing here trusts a total, a trigger or the code that posted. Run it beside the
platform; a posting made between two questions can look wrong once, and not twice.
"""

# ruff: noqa: S608 - all parts of these statements are constants of this file
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.errors import AccountOutsideChart
from services.payment.domain.ledger.accounts import account
from services.payment.domain.ledger.findings import Finding

SHOWN_MAX: Final = 20
SIGNED: Final = "CASE direction WHEN 'debit' THEN amount_minor_units ELSE -amount_minor_units END"
# Ids are of type uuid here and 32 digits there.
UUID_TEXT: Final = {
    "postgresql": "{id}::text",
    "sqlite": "(substr({id}, 1, 8) || '-' || substr({id}, 9, 4) || '-' || substr({id}, 13, 4)"
    " || '-' || substr({id}, 17, 4) || '-' || substr({id}, 21))",
}
NO_MONEY: Final = "('contradictory_notice', 'unreadable_notice')"
OWED: Final = "('approved', 'sending', 'pending', 'unknown', 'succeeded')"
GUARDED: Final = (
    *("ledger_entry", "ledger_transaction", "ledger_account", "ledger_account_day"),
    *("ledger_closed_day", "discrepancy_event"),
)
TRIGGERS: Final = {
    "postgresql": (
        *("ledger_transaction_balanced", "ledger_entry_unsealed", "ledger_transaction_booked"),
        *(f"{table}_append_only" for table in GUARDED),
        *(f"{table}_not_emptied" for table in GUARDED),
    ),
    "sqlite": (
        *("ledger_transaction_balanced", "ledger_entry_unsealed", "ledger_entry_in_chart"),
        "ledger_transaction_on_open_day",
        *(f"{table}_not_{change}d" for table in GUARDED for change in ("update", "delete")),
    ),
}
# By question: how many there are, and those for which it is not so.
QUESTIONS: Final = {
    "each currency sums to zero": (
        "SELECT count(*) FROM ledger_entry",
        f"SELECT currency FROM ledger_entry GROUP BY currency HAVING sum({SIGNED}) <> 0",
    ),
    "each transaction is two lines or more of one currency, and balanced": (
        "SELECT count(*) FROM ledger_transaction",
        f"""
        SELECT t.cause FROM ledger_transaction t
        LEFT JOIN ledger_entry e ON e.ledger_transaction_id = t.id GROUP BY t.cause
        HAVING count(e.line) < 2 OR sum({SIGNED}) <> 0 OR count(DISTINCT currency) <> 1
        """,
    ),
    "each entry belongs to a transaction of its day": (
        "SELECT count(*) FROM ledger_entry",
        """
        SELECT e.account FROM ledger_entry e
        LEFT JOIN ledger_transaction t ON t.id = e.ledger_transaction_id
        WHERE t.id IS NULL OR t.booked_on <> e.booked_on
        """,
    ),
    "the totals of closed days are the sums of their entries": (
        "SELECT count(*) FROM ledger_account",
        f"""
        SELECT e.account FROM ledger_entry e
        WHERE e.booked_on <= (SELECT max(day) FROM ledger_closed_day)
        GROUP BY e.account, e.currency
        HAVING sum({SIGNED}) <> coalesce((
            SELECT d.debits_to_date - d.credits_to_date FROM ledger_account_day d
            WHERE d.account = e.account AND d.currency = e.currency ORDER BY d.day DESC LIMIT 1
        ), 0)
        """,
    ),
    "each paid intent has one settlement of its amount": (
        "SELECT count(*) FROM payment_intent WHERE status = 'succeeded'",
        """
        SELECT {intent_id} FROM payment_intent i WHERE i.status = 'succeeded' AND 1 <> (
            SELECT count(*) FROM ledger_transaction t WHERE t.payment_intent_id = i.id
            AND (t.cause_kind = 'payment_intent' OR t.cause LIKE 'discrepancy:%:applied')
            AND i.amount_minor_units = (
                SELECT sum(amount_minor_units) FROM ledger_entry e
                WHERE e.ledger_transaction_id = t.id AND e.direction = 'debit'
            )
        )
        """,
    ),
    "each settlement is of a paid intent": (
        "SELECT count(*) FROM ledger_transaction WHERE cause_kind = 'payment_intent'",
        """
        SELECT t.cause FROM ledger_transaction t
        LEFT JOIN payment_intent i ON i.id = t.payment_intent_id
        WHERE (t.cause_kind = 'payment_intent' OR t.cause LIKE 'discrepancy:%:applied')
        AND coalesce(i.status, '') <> 'succeeded'
        """,
    ),
    "each posting about a case is of a case there is": (
        "SELECT count(*) FROM ledger_transaction WHERE cause_kind = 'discrepancy'",
        """
        SELECT t.cause FROM ledger_transaction t
        LEFT JOIN discrepancy d ON d.id = t.discrepancy_id
        WHERE t.cause_kind = 'discrepancy' AND d.id IS NULL
        """,
    ),
    "each case that holds or held money was posted to suspense": (
        f"SELECT count(*) FROM discrepancy WHERE reason NOT IN {NO_MONEY}",
        f"""
        SELECT {{case_id}} FROM discrepancy d WHERE d.reason NOT IN {NO_MONEY}
        AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction WHERE cause = 'discrepancy:' || {{case_id}}
        )
        """,
    ),
    "suspense is what cases hold": (
        "SELECT count(*) FROM discrepancy",
        f"""
        SELECT currency FROM (
            SELECT currency, {SIGNED} AS moved FROM ledger_entry
            JOIN ledger_transaction t ON t.id = ledger_transaction_id
            WHERE account = 'suspense:discrepancy' AND t.cause_kind IN ('discrepancy', 'refund')
            UNION ALL
            SELECT currency, received_minor_units - applied_minor_units - cleared_minor_units
            FROM discrepancy WHERE reason NOT IN {NO_MONEY}
            UNION ALL
            SELECT currency, -amount_minor_units FROM refund
            WHERE source_kind = 'discrepancy' AND status IN {OWED}
        ) AS both_sides GROUP BY currency HAVING sum(moved) <> 0
        """,
    ),
    "each refund that is owed or paid was posted": (
        f"SELECT count(*) FROM refund WHERE status IN {OWED}",
        f"""
        SELECT {{refund_id}} FROM refund r WHERE r.status IN {OWED} AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction
            WHERE cause = 'refund:' || {{refund_id}} || ':approved'
        ) OR r.status = 'succeeded' AND NOT EXISTS (
            SELECT 1 FROM ledger_transaction
            WHERE cause = 'refund:' || {{refund_id}} || ':succeeded'
        )
        """,
    ),
    "each refund posted as paid has succeeded": (
        "SELECT count(*) FROM ledger_transaction WHERE cause LIKE 'refund:%:succeeded'",
        """
        SELECT t.cause FROM ledger_transaction t WHERE t.cause LIKE 'refund:%:succeeded'
        AND NOT EXISTS (
            SELECT 1 FROM refund r WHERE r.status = 'succeeded'
            AND t.cause = 'refund:' || {refund_id} || ':succeeded'
        )
        """,
    ),
}


async def inspect_ledger(connection: AsyncConnection) -> Sequence[Finding]:
    """Every question with its answer."""
    dialect = connection.dialect.name
    ids = {
        name: UUID_TEXT[dialect].format(id=f"{alias}.id")
        for name, alias in (("intent_id", "i"), ("case_id", "d"), ("refund_id", "r"))
    }
    found = [await _chart(connection), await _triggers(connection, dialect)]
    for question, (counted, wrong) in QUESTIONS.items():
        asked = _statement(f"SELECT * FROM ({wrong.format(**ids)}) AS wrong LIMIT {SHOWN_MAX}")
        names = (await connection.execute(asked)).scalars().all()
        number = await connection.scalar(_statement(counted)) or 0
        found.append(_finding(question, number, [str(name) for name in names]))
    return found


def _statement(words: str) -> TextClause:
    """Nothing here is bound: a colon is a colon."""
    return text(words.replace(":", r"\:"))


async def _chart(connection: AsyncConnection) -> Finding:
    names = (await connection.execute(text("SELECT DISTINCT account FROM ledger_entry"))).scalars()
    used = list(names)
    return _finding("each account is in the chart", len(used), [x for x in used if _outside(x)])


def _outside(name: str) -> bool:
    try:
        account(name)
    except AccountOutsideChart:
        return True
    return False


async def _triggers(connection: AsyncConnection, dialect: str) -> Finding:
    listed = {
        "postgresql": "SELECT tgname FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal",
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    }
    present = set((await connection.execute(text(listed[dialect]))).scalars())
    wanted = TRIGGERS[dialect]
    return _finding(
        "the database guards the books", len(wanted), [x for x in wanted if x not in present]
    )


def _finding(question: str, looked_at: int, wrong: Iterable[str]) -> Finding:
    return Finding(question=question, looked_at=looked_at, wrong=tuple(wrong)[:SHOWN_MAX])
