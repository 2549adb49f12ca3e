"""Payments by the hundred thousand, each like one that went through the whole platform.

They are copied inside the database from one real payment, all its rows with it, under names of
their own. Triggers and foreign keys are off for the copying alone: they would guard what the real
payment has passed already, row by row.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg

from chassis.ids import SystemIds
from deploy.stack import Stack
from services.payment.domain.intents.bill_reference import new_bill_reference

A_DAY: Final = 10_000
PROVIDER: Final = "sandbox"
# Later payments have later names, as UUIDv7 give them.
_NAMED: Final = """
    CREATE TEMP TABLE made ON COMMIT DROP AS
    SELECT number, paid_at, paid_at::date AS paid_on,
        (stem || left(md5('i' || number), 20))::uuid AS intent_id,
        (stem || left(md5('a' || number), 20))::uuid AS attempt_id,
        (stem || left(md5('n' || number), 20))::uuid AS notification_id,
        (stem || left(md5('t' || number), 20))::uuid AS transaction_id
    FROM (
        SELECT number, paid_at,
            left(lpad(to_hex((extract(epoch FROM paid_at) * 1000)::bigint), 12, '0'), 12) AS stem
        FROM (
            SELECT number, ($1::date + interval '8 hours'
                + (number - $2) / $4::int * interval '1 day'
                + (number - $2) % $4::int * (interval '10 hours' / $4::int))::timestamptz AS paid_at
            FROM generate_series($2::bigint, $2::bigint + $3::bigint - 1) AS number
        ) AS timed
    ) AS stemmed
"""
_INTENT: Final = {
    "id": "made.intent_id",
    "dossier_id": "made.transaction_id",
    "dossier_code": "'H19.25-' || made.number",
    "plain_dossier_code": "'H1925' || made.number",
    "confirmation_id": "made.attempt_id",
    "bill_reference": "'H' || lpad(made.number::text, 11, '0')",
    "provider_reference": "'FT' || made.number",
    "created_at": "made.paid_at - interval '5 minutes'",
    "confirmed_at": "made.paid_at - interval '4 minutes'",
    "expires_at": "made.paid_at + interval '1 day'",
    "paid_at": "made.paid_at",
    "succeeded_at": "made.paid_at",
}
_ATTEMPT: Final = {
    "id": "made.attempt_id",
    "payment_intent_id": "made.intent_id",
    "bill_reference": "'H' || lpad(made.number::text, 11, '0')",
    "order_reference": "CASE WHEN model.order_reference IS NOT NULL THEN 'H' || made.number END",
    "started_at": "made.paid_at - interval '4 minutes'",
    "expires_at": "made.paid_at + interval '1 day'",
    "next_enquiry_at": "made.paid_at + interval '1 hour'",
    "ended_at": "made.paid_at",
}
_METHOD: Final = {
    "payment_intent_id": "made.intent_id",
    "confirmation_id": "made.attempt_id",
    "confirmed_at": "made.paid_at - interval '4 minutes'",
}
_NOTIFICATION: Final = {
    "id": "made.notification_id",
    "payment_intent_id": "made.intent_id",
    "provider_reference": "'FT' || made.number",
    "fingerprint": "md5('f' || made.number) || md5('g' || made.number)",
    "notice_id": "made.notification_id::text",
    "paid_at": "made.paid_at",
    "received_at": "made.paid_at",
}
_TRANSACTION: Final = {
    "id": "made.transaction_id",
    "payment_intent_id": "made.intent_id",
    "cause": "split_part(model.cause, ':', 1) || ':' || made.intent_id",
    "posted_at": "made.paid_at",
    "booked_on": "made.paid_on",
}
_ENTRY: Final = {"ledger_transaction_id": "made.transaction_id", "booked_on": "made.paid_on"}
_OF_TRANSACTION: Final = (
    "ledger_transaction_id IN (SELECT id FROM ledger_transaction WHERE payment_intent_id = $1)"
)
# What a paid fee is, table by table: its rows of the model, and what differs in a copy.
_PAID: Final[Sequence[tuple[str, str, Mapping[str, str]]]] = (
    ("payment_intent", "id = $1", _INTENT),
    ("confirmed_method", "payment_intent_id = $1", _METHOD),
    ("payment_attempt", "payment_intent_id = $1", _ATTEMPT),
    ("provider_notification", "payment_intent_id = $1", _NOTIFICATION),
    ("ledger_transaction", "payment_intent_id = $1", _TRANSACTION),
    ("ledger_entry", _OF_TRANSACTION, _ENTRY),
)
_WAITING_INTENT: Final = {
    "id": "made.intent_id",
    "dossier_id": "made.attempt_id",
    "dossier_code": "'H19.25-W-' || made.bill",
    "plain_dossier_code": "'H1925W' || made.bill",
    "confirmation_id": "made.attempt_id",
    "bill_reference": "made.bill",
    "status": "'confirmed'",
    "created_at": "now()",
    "confirmed_at": "now()",
    "expires_at": "now() + interval '1 day'",
    **dict.fromkeys(
        (
            "paid_method",
            "provider",
            "provider_reference",
            "evidence_level",
            "paid_at",
            "succeeded_at",
        ),
        "NULL",
    ),
}
_WAITING_ATTEMPT: Final = {
    "id": "made.attempt_id",
    "payment_intent_id": "made.intent_id",
    "bill_reference": "made.bill",
    "order_reference": "CASE WHEN model.order_reference IS NOT NULL THEN made.bill END",
    "status": "'pending'",
    "started_at": "now()",
    "expires_at": "now() + interval '1 day'",
    "next_enquiry_at": "now() + interval '1 hour'",
    "ended_at": "NULL",
}
_WAITING_METHOD: Final = {
    "payment_intent_id": "made.intent_id",
    "confirmation_id": "made.attempt_id",
    "confirmed_at": "now()",
}
_WAITING: Final[Sequence[tuple[str, str, Mapping[str, str]]]] = (
    ("payment_intent", "id = $1", _WAITING_INTENT),
    ("confirmed_method", "payment_intent_id = $1", _WAITING_METHOD),
    ("payment_attempt", "payment_intent_id = $1", _WAITING_ATTEMPT),
)


@dataclass(slots=True)
class Stored:
    """The payment database of a bench, seen from the server's own side."""

    connection: "asyncpg.Connection[Any]"
    model: UUID
    payments: int = 0
    ids: SystemIds = field(default_factory=SystemIds)

    async def add_paid(self, count: int, *, since: date, a_day: int = A_DAY) -> None:
        """So many more paid fees, so many a day from this day on."""
        async with self._copying():
            await self.connection.execute(_NAMED, since, self.payments + 1, count, a_day)
            for table, of_model, changed in _PAID:
                await self._copy(table, of_model, changed)
        self.payments += count
        await self.connection.execute("ANALYZE")

    async def add_waiting(self, count: int) -> Sequence[str]:
        """So many confirmed fees that wait for their money; their bill references."""
        bills = [new_bill_reference(self.ids.token()) for _ in range(count)]
        async with self._copying():
            await self.connection.execute(
                "CREATE TEMP TABLE made (intent_id uuid, attempt_id uuid, bill text) ON COMMIT DROP"
            )
            await self.connection.copy_records_to_table(
                "made", records=[(self.ids.new(), self.ids.new(), bill) for bill in bills]
            )
            for table, of_model, changed in _WAITING:
                await self._copy(table, of_model, changed)
        return bills

    async def payee(self) -> Mapping[str, Any]:
        row = await self.connection.fetchrow(
            "SELECT payee_bank_bin AS bank_bin, payee_account_number AS account_number,"
            " amount_minor_units AS amount, currency FROM payment_intent WHERE id = $1",
            self.model,
        )
        return dict(row or {})

    async def lines_of(self, day: date) -> Sequence["asyncpg.Record"]:
        """What a provider would say of a day of ours."""
        rows: list[asyncpg.Record] = await self.connection.fetch(
            "SELECT provider_reference, bill_reference, amount_minor_units, paid_at"
            " FROM payment_intent WHERE provider = $1 AND status = 'succeeded'"
            " AND paid_at >= $2::date AND paid_at < $2::date + 1 ORDER BY paid_at",
            PROVIDER,
            day,
        )
        return rows

    @asynccontextmanager
    async def _copying(self) -> AsyncIterator[None]:
        async with self.connection.transaction():
            await self.connection.execute("SET LOCAL session_replication_role = replica")
            await self.connection.execute("SET LOCAL synchronous_commit = off")
            yield

    async def _copy(self, table: str, of_model: str, changed: Mapping[str, str]) -> None:
        columns = await self.connection.fetch(
            "SELECT attname AS name FROM pg_attribute"
            " WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
            table,
        )
        names = [column["name"] for column in columns]
        said = [changed.get(name, f"model.{name}") for name in names]
        # Names and expressions are those above; the id of the model is the database's own.
        which = of_model.replace("$1", f"'{self.model}'")
        await self.connection.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(said)}"  # noqa: S608
            f" FROM made CROSS JOIN (SELECT * FROM {table} WHERE {which}) AS model"
        )


@asynccontextmanager
async def open_stored(stack: Stack) -> AsyncIterator[Stored]:
    admin = stack.postgres_url.replace("postgresql+asyncpg://", "postgresql://")
    url = f"{admin.rsplit('/', 1)[0]}/{stack.role('payment')}"
    connection = await asyncpg.connect(url, server_settings={"timezone": "Asia/Ho_Chi_Minh"})
    try:
        model = await connection.fetchval(
            "SELECT id FROM payment_intent WHERE status = 'succeeded' ORDER BY id LIMIT 1"
        )
        yield Stored(connection, model)
    finally:
        await connection.close()
