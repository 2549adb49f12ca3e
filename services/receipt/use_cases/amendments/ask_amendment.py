"""One person asks that a receipt be corrected; nothing happens to it yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from chassis.duties import Reach
from services.receipt.domain.amendments.amendment import Amendment, AmendmentType, CancelGround
from services.receipt.domain.amendments.content import (
    LineChange,
    lines_of_amendment,
    require_within_payment,
)
from services.receipt.domain.amendments.errors import ContentNotFitting
from services.receipt.domain.errors import ReceiptNotFound
from services.receipt.domain.receipts.fee import PAYER_PURPOSE
from services.receipt.domain.receipts.receipt import Receipt
from services.receipt.use_cases.amendments.tools import AmendTools

# How the payer is reached does not change with what they are called.
CONTACTS: Final = ("email", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    receipt_id: UUID
    type: AmendmentType
    reason: str
    changes: Sequence[LineChange] = ()
    # Who paid, where that was wrong.
    payer: Mapping[str, Any] | None = field(default=None, repr=False)
    ground: CancelGround | None = None


async def ask_amendment(asking: Asking, *, by: str, reach: Reach, tools: AmendTools) -> Amendment:
    """Raises for what could not be approved as it is, so that nobody waits for it in vain."""
    if (asking.type is AmendmentType.CANCELLATION) != (asking.ground is not None):
        raise ContentNotFitting("a cancellation, and nothing else, has a ground")
    async with tools.open_uow() as uow:
        receipt = await uow.receipts.get_for_update(asking.receipt_id)
        agency = receipt.number.series.agency_code
        if not reach.covers(client_id=None, agency_code=agency):
            raise ReceiptNotFound
        lines = lines_of_amendment(
            asking.type, receipt, asking.changes, new_payer=asking.payer is not None
        )
        amendment = Amendment(
            id=tools.ids.new(),
            receipt_id=receipt.id,
            agency_code=agency,
            type=asking.type,
            reason=asking.reason,
            lines=lines,
            payer_sealed=_sealed(asking, receipt, tools),
            ground=asking.ground,
            asked_by=by,
            asked_at=tools.clock.now(),
        )
        amendment.require_fits(receipt)
        siblings = await uow.receipts.list_of_payment(receipt.fee.payment_intent_id)
        require_within_payment(asking.type, receipt, lines, siblings)
        await uow.amendments.add(amendment)
    return amendment


def _sealed(asking: Asking, receipt: Receipt, tools: AmendTools) -> str | None:
    if asking.payer is None:
        return None
    before = tools.seals.unseal(receipt.payer_sealed, purpose=PAYER_PURPOSE)
    contacts = {name: before[name] for name in CONTACTS if before.get(name)}
    return tools.seals.seal({**contacts, **asking.payer}, purpose=PAYER_PURPOSE)
