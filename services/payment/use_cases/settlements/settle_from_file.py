from typing import Final

from chassis.clock import Clock
from chassis.ids import Ids
from services.payment.domain.notices.provider_notification import (
    Outcome,
    ProviderNotice,
    ProviderNotification,
    Source,
)
from services.payment.domain.settlements.file import SettlementFile
from services.payment.domain.settlements.row import SettlementRow
from services.payment.ports.unit_of_work import UnitOfWork
from services.payment.use_cases.notices.take_notification import take_notification

ROWS_AT_ONCE: Final = 100
# A detached signature by a registered key is as good as one over a message's body.
EVIDENCE_LEVEL: Final = "P2"


async def settle_from_file(file: SettlementFile, *, uow: UnitOfWork, clock: Clock, ids: Ids) -> int:
    """Let a signed file settle what still waits, as the provider's own word; how many rows.

    Only rows that name a waiting fee of exactly their amount are taken; the line is the evidence.
    """
    if file.signed_by is None:
        raise ValueError("an unsigned file settles nothing")
    after, settled = 0, 0
    while True:
        async with uow:
            rows = await uow.settlement_matching.list_settling(
                file.id, after=after, limit=ROWS_AT_ONCE
            )
            for row in rows:
                notification = _notification(file, row, clock=clock, ids=ids)
                verdict = await take_notification(notification, uow=uow, clock=clock, ids=ids)
                settled += verdict.status == "settled"
        if not rows:
            return settled
        after = rows[-1].line


def _notification(
    file: SettlementFile, row: SettlementRow, *, clock: Clock, ids: Ids
) -> ProviderNotification:
    return ProviderNotification(
        id=ids.new(),
        provider=file.provider,
        source=Source.SETTLEMENT,
        notice=ProviderNotice(
            provider_reference=row.provider_reference,
            amount=row.amount,
            outcome=Outcome.SUCCEEDED,
            paid_at=row.moved_at,
            order_reference=row.order_reference,
            bill_number=row.bill_reference,
        ),
        raw=row.raw,
        proof={
            "settlement_file": str(file.id),
            "sha256": file.sha256,
            "line": str(row.line),
            "signed_by": file.signed_by or "",
        },
        evidence_id=None,
        evidence_level=EVIDENCE_LEVEL,
        received_at=clock.now(),
    )
