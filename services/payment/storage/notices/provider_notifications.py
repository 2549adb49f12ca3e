from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, and_, bindparam, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.money import Money
from services.payment.domain.discrepancies.discrepancy import HOLDS_NO_MONEY, Reason
from services.payment.domain.notices.provider_notification import (
    CHECK_DELAYS,
    WEAK_EVIDENCE_LEVELS,
    EarlierWord,
    Outcome,
    ProviderNotification,
    Reception,
    Source,
    Verdict,
    WeakNotification,
)
from services.payment.storage.discrepancies.tables import DISCREPANCY
from services.payment.storage.notices.tables import PROVIDER_NOTIFICATION

_T: Final = PROVIDER_NOTIFICATION.c
_KEY: Final = ("provider", "provider_reference", "fingerprint")
_KNOWN: Final = select(
    _T.verdict, _T.payment_intent_id, _T.provider_reference, _T.discrepancy_reason, _T.reception
).where(*(PROVIDER_NOTIFICATION.c[name] == bindparam(name) for name in _KEY))
# On PostgreSQL this waits for a transaction that holds the same key, so that afterwards either its
# verdict can be read or the key is free.
_ADD_ONCE: Final = {
    dialect: insert(PROVIDER_NOTIFICATION).on_conflict_do_nothing(index_elements=_KEY)
    for dialect, insert in (("postgresql", postgresql_insert), ("sqlite", sqlite_insert))
}
# Nearly every word is the only one about its movement; then nobody need look for others.
_HAS_OTHERS: Final = literal_column(
    """
    EXISTS (
        SELECT 1 FROM provider_notification o
        WHERE o.provider = provider_notification.provider
        AND o.provider_reference = provider_notification.provider_reference
        AND o.id <> provider_notification.id
    )
    """,
    Boolean,
)
_ADD_AND_LOOK: Final = _ADD_ONCE["postgresql"].returning(_HAS_OTHERS.label("has_others"))
_CONCLUDE: Final = update(PROVIDER_NOTIFICATION).where(_T.id == bindparam("notification_id"))
_HELD: Final = text("SELECT pg_advisory_xact_lock(hashtextextended(:movement, 0))")
_WEAK: Final = and_(_T.source == Source.NOTICE, _T.evidence_level.in_(sorted(WEAK_EVIDENCE_LEVELS)))
WORDS_MAX: Final = 50
_WORDS: Final = (
    select(
        _T.id,
        _T.fingerprint,
        _T.outcome,
        _T.amount_minor_units,
        _T.currency,
        _T.verdict,
        DISCREPANCY.c.id.label("case_id"),
        DISCREPANCY.c.reason,
    )
    .select_from(
        PROVIDER_NOTIFICATION.outerjoin(
            DISCREPANCY, DISCREPANCY.c.provider_notification_id == _T.id
        )
    )
    .where(
        _T.provider == bindparam("provider"),
        _T.provider_reference == bindparam("provider_reference"),
        _T.id != bindparam("mine"),
        ~_WEAK,
    )
    .order_by(_T.id)
    .limit(WORDS_MAX)
)
_CHECKED: Final = (
    update(PROVIDER_NOTIFICATION)
    .where(_T.id == bindparam("notification_id"))
    .values(checks=bindparam("asked"), next_check_at=bindparam("again_at"))
)


class SqlProviderNotifications:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._only_word: UUID | None = None

    async def add_once(self, notification: ProviderNotification) -> Verdict | None:
        row = _to_row(notification)
        if await self._is_added(notification, row):
            return None
        known = await self._connection.execute(_KNOWN, {name: row[name] for name in _KEY})
        stored = known.one()
        return Verdict(
            status=stored.verdict,
            payment_intent_id=stored.payment_intent_id,
            provider_reference=stored.provider_reference,
            discrepancy=Reason(stored.discrepancy_reason) if stored.discrepancy_reason else None,
            reception=Reception(stored.reception),
        )

    async def _is_added(self, notification: ProviderNotification, row: dict[str, Any]) -> bool:
        if self._connection.dialect.name == "sqlite":
            added = await self._connection.execute(_ADD_ONCE["sqlite"], row)
            return added.rowcount == 1
        # Two different words about one movement take turns: the second sees what the first did.
        # A statement of its own, so that the next one looks after the wait and not before.
        notice = notification.notice
        movement = f"{notification.provider}:{notice.provider_reference}"
        await self._connection.execute(_HELD, {"movement": movement})
        stored = (await self._connection.execute(_ADD_AND_LOOK, row)).one_or_none()
        if stored is not None and not stored.has_others:
            self._only_word = notification.id
        return stored is not None

    async def list_words(self, notification: ProviderNotification) -> Sequence[EarlierWord]:
        if self._only_word == notification.id:
            return []
        about = {
            "provider": notification.provider,
            "provider_reference": notification.notice.provider_reference,
            "mine": notification.id,
        }
        return [_to_word(row) for row in await self._connection.execute(_WORDS, about)]

    async def claim_unchecked(self, *, now: datetime, limit: int) -> Sequence[WeakNotification]:
        due = (
            select(_T.id, _T.provider, _T.raw, _T.received_at, _T.checks)
            .where(_T.next_check_at <= now)
            .order_by(_T.next_check_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = (await self._connection.execute(due)).all()
        if rows:
            asked = [_asked(row, now) for row in rows]
            await self._connection.execute(_CHECKED, asked)
        return [
            WeakNotification(id=r.id, provider=r.provider, raw=r.raw, received_at=r.received_at)
            for r in rows
        ]

    async def finish_check(self, notification_id: UUID) -> None:
        done = update(PROVIDER_NOTIFICATION).where(_T.id == notification_id)
        await self._connection.execute(done.values(next_check_at=None))

    async def conclude(self, notification_id: UUID, verdict: Verdict) -> None:
        await self._connection.execute(
            _CONCLUDE,
            {
                "notification_id": notification_id,
                "verdict": verdict.status,
                "payment_intent_id": verdict.payment_intent_id,
                "discrepancy_reason": verdict.discrepancy,
                "reception": verdict.reception,
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
        "order_reference": notice.order_reference,
        "next_check_at": notification.received_at if notification.needs_check else None,
    }


def _asked(row: Any, now: datetime) -> dict[str, Any]:
    delay = CHECK_DELAYS[min(row.checks, len(CHECK_DELAYS) - 1)]
    return {"notification_id": row.id, "asked": row.checks + 1, "again_at": now + delay}


def _to_word(row: Any) -> EarlierWord:
    return EarlierWord(
        notification_id=row.id,
        fingerprint=row.fingerprint,
        outcome=Outcome(row.outcome),
        amount=Money(row.amount_minor_units, row.currency),
        settled=row.verdict == "settled",
        case_id=row.case_id,
        holds_money=row.case_id is not None and Reason(row.reason) not in HOLDS_NO_MONEY,
    )
