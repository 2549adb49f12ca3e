"""A receipt: the payer gets a letter, the client a webhook."""

from chassis.events import Envelope
from chassis.money import Money
from services.notification.consumers.facts import ReceiptIssued, heard
from services.notification.consumers.tools import Tools
from services.notification.domain.message import ReceiptFacts
from services.notification.use_cases.tell_of_receipt import IssuedReceipt, tell_of_receipt


async def on_receipt_issued(event: Envelope[ReceiptIssued], tools: Tools) -> None:
    data = event.data
    facts = ReceiptFacts(
        receipt_id=data.receipt_id,
        dossier_code=data.dossier_code,
        reference=data.reference,
        form_code=data.form_code,
        symbol=data.symbol,
        number=data.number,
        printed_number=data.printed_number,
        amount=Money(data.amount_minor_units, data.currency),
        issued_at=data.issued_at,
        lookup_code=data.lookup_code,
        part=data.part,
        parts=data.parts,
    )
    await tell_of_receipt(
        IssuedReceipt(event=heard(event), facts=facts, payer_sealed=data.payer_sealed),
        uow=tools.open_uow(),
        sealer=tools.sealer,
        clock=tools.clock,
        ids=tools.ids,
    )
