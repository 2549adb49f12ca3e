"""Messages and the tries at sending them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.notification.domain.delivery import Delivery
from services.notification.domain.message import Message, MessageState, ReceiptFacts
from services.notification.domain.sending import Lease
from services.notification.storage.claiming import (
    claim,
    claim_statement,
    due_statement,
    insert_once,
    run,
    settle,
)
from services.notification.storage.tables import DELIVERY, MESSAGE

MESSAGE_DUE: Final = due_statement(MESSAGE, MessageState.QUEUED)
_CLAIM: Final = claim_statement(MESSAGE, MessageState.QUEUED)


class SqlMessages:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, message: Message) -> bool:
        inserting = insert_once(self._connection, MESSAGE)
        return await run(self._connection, inserting, _to_row(message)) == 1

    async def claim_due(self, lease: Lease, *, limit: int) -> Sequence[Message]:
        return [
            to_message(row) for row in await claim(self._connection, _CLAIM, lease, limit=limit)
        ]

    async def settle(self, message: Message, lease: Lease) -> bool:
        return await settle(self._connection, MESSAGE, message.id, lease, _progress(message))


class SqlDeliveries:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, delivery: Delivery) -> None:
        row = {
            "id": delivery.id,
            "message_id": delivery.message_id,
            "attempt": delivery.attempt,
            "verdict": delivery.verdict,
            "reason": delivery.reason,
            "tried_at": delivery.tried_at,
        }
        await self._connection.execute(insert(DELIVERY), row)


def _progress(message: Message) -> dict[str, Any]:
    return {
        "state": message.state,
        "reason": message.reason,
        "due_at": message.due_at,
        "finished_at": message.finished_at,
    }


def _to_row(message: Message) -> dict[str, Any]:
    return _progress(message) | {
        "id": message.id,
        "template": message.template,
        "subject_key": message.subject_key,
        "recipient_sealed": message.recipient_sealed,
        "facts": _facts_to_document(message.facts),
        "attempts": message.attempts,
        "created_at": message.created_at,
    }


def to_message(row: Row[Any]) -> Message:
    return Message(
        id=row.id,
        template=row.template,
        subject_key=row.subject_key,
        recipient_sealed=row.recipient_sealed,
        facts=_document_to_facts(row.facts),
        created_at=row.created_at,
        due_at=row.due_at,
        state=MessageState(row.state),
        attempts=row.attempts,
        reason=row.reason,
        finished_at=row.finished_at,
    )


def _facts_to_document(facts: ReceiptFacts) -> dict[str, Any]:
    return {
        "receipt_id": str(facts.receipt_id),
        "dossier_code": facts.dossier_code,
        "reference": facts.reference,
        "form_code": facts.form_code,
        "symbol": facts.symbol,
        "number": facts.number,
        "printed_number": facts.printed_number,
        "amount_minor_units": facts.amount.minor_units,
        "currency": facts.amount.currency,
        "issued_at": facts.issued_at.isoformat(),
        "lookup_code": facts.lookup_code,
        "part": facts.part,
        "parts": facts.parts,
        "replaces": facts.replaces,
        "adjusts": facts.adjusts,
    }


def _document_to_facts(document: Mapping[str, Any]) -> ReceiptFacts:
    return ReceiptFacts(
        receipt_id=UUID(document["receipt_id"]),
        dossier_code=document["dossier_code"],
        reference=document.get("reference"),
        form_code=document["form_code"],
        symbol=document["symbol"],
        number=document["number"],
        printed_number=document["printed_number"],
        amount=Money(document["amount_minor_units"], document["currency"]),
        issued_at=datetime.fromisoformat(document["issued_at"]),
        lookup_code=document["lookup_code"],
        part=document["part"],
        parts=document["parts"],
        replaces=document.get("replaces"),
        adjusts=document.get("adjusts"),
    )
