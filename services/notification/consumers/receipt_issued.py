"""A receipt: the payer gets a letter, the client a webhook."""

from dataclasses import replace
from typing import Any

from chassis.events import Envelope
from chassis.money import Money
from services.notification.consumers.facts import ReceiptCorrected, ReceiptIssued, heard
from services.notification.consumers.tools import Tools
from services.notification.domain.message import ReceiptFacts
from services.notification.use_cases.tell_of_receipt import IssuedReceipt, tell_of_receipt


async def on_receipt_issued(event: Envelope[ReceiptIssued], tools: Tools) -> None:
    await _tell(event, _facts(event.data), tools)


async def on_receipt_replaced(event: Envelope[ReceiptCorrected], tools: Tools) -> None:
    await _tell(event, replace(_facts(event.data), replaces=_called(event.data)), tools)


async def on_receipt_adjusted(event: Envelope[ReceiptCorrected], tools: Tools) -> None:
    await _tell(event, replace(_facts(event.data), adjusts=_called(event.data)), tools)


def _called(data: ReceiptCorrected) -> str:
    return f"{data.corrects_symbol} số {data.corrects_printed_number}"


def _facts(data: ReceiptIssued) -> ReceiptFacts:
    return ReceiptFacts(
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


async def _tell(event: Envelope[Any], facts: ReceiptFacts, tools: Tools) -> None:
    await tell_of_receipt(
        IssuedReceipt(event=heard(event), facts=facts, payer_sealed=event.data.payer_sealed),
        uow=tools.open_uow(),
        sealer=tools.sealer,
        clock=tools.clock,
        ids=tools.ids,
    )
