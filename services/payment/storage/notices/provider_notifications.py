from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.payment.domain.discrepancies.discrepancy import Reason
from services.payment.domain.notices.provider_notification import ProviderNotification, Verdict
from services.payment.storage.notices.tables import PROVIDER_NOTIFICATION

_T: Final = PROVIDER_NOTIFICATION.c
_KEY: Final = ("provider", "provider_reference", "fingerprint")
_KNOWN: Final = select(
    _T.verdict, _T.payment_intent_id, _T.provider_reference, _T.discrepancy_reason
).where(*(PROVIDER_NOTIFICATION.c[name] == bindparam(name) for name in _KEY))
_CONCLUDE: Final = update(PROVIDER_NOTIFICATION).where(_T.id == bindparam("notification_id"))


class SqlProviderNotifications:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_once(self, notification: ProviderNotification) -> Verdict | None:
        postgresql = self._connection.dialect.name == "postgresql"
        insert = postgresql_insert if postgresql else sqlite_insert
        # On PostgreSQL this waits for a transaction that holds the same key, so that afterwards
        # either its verdict can be read or the key is free.
        statement = insert(PROVIDER_NOTIFICATION).on_conflict_do_nothing(index_elements=_KEY)
        row = _to_row(notification)
        if (await self._connection.execute(statement, row)).rowcount == 1:
            return None
        known = await self._connection.execute(_KNOWN, {name: row[name] for name in _KEY})
        stored = known.one()
        return Verdict(
            status=stored.verdict,
            payment_intent_id=stored.payment_intent_id,
            provider_reference=stored.provider_reference,
            discrepancy=Reason(stored.discrepancy_reason) if stored.discrepancy_reason else None,
        )

    async def conclude(self, notification_id: UUID, verdict: Verdict) -> None:
        await self._connection.execute(
            _CONCLUDE,
            {
                "notification_id": notification_id,
                "verdict": verdict.status,
                "payment_intent_id": verdict.payment_intent_id,
                "discrepancy_reason": verdict.discrepancy,
            },
        )


def _to_row(notification: ProviderNotification) -> dict[str, Any]:
    notice = notification.notice
    return {
        "id": notification.id,
        "provider": notification.provider,
        "provider_reference": notice.provider_reference,
        "fingerprint": notification.fingerprint,
        "source": notification.source,
        "notice_id": notice.notice_id,
        "outcome": notice.outcome,
        "amount_minor_units": notice.amount.minor_units,
        "currency": notice.amount.currency,
        "paid_at": notice.paid_at,
        "raw": notification.raw,
        "proof": dict(notification.proof) if notification.proof else None,
        "evidence_id": notification.evidence_id,
        "evidence_level": notification.evidence_level,
        "received_at": notification.received_at,
    }
