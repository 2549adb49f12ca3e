from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.canonical import canonical_json
from chassis.clock import Clock
from chassis.duties import Reach
from gateway.domain.confirming.errors import PaymentNotFound
from gateway.domain.evidence.bundle import make_bundle
from gateway.domain.evidence.errors import EvidenceNotFound
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.ports.confirming import Payments
from gateway.ports.evidence import BundleSigner, ReceiptDocuments, Receipts
from gateway.ports.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTools:
    payments: Payments
    receipts: Receipts
    signer: BundleSigner
    clock: Clock


async def export_evidence(
    payment_intent_id: UUID, *, reach: Reach, uow: UnitOfWork, tools: ExportTools
) -> bytes:
    """Everything that proves one fee, for the client that submitted its dossier, for those who
    answer for the agency that is paid, and for nobody else."""
    async with uow:
        kept = await uow.evidence.list_of_payment(payment_intent_id)
    agency = await _agency(payment_intent_id, reach, tools.payments) if kept else None
    if not any(
        reach.covers(client_id=one.client_id, agency_code=agency)
        for one in kept
        if one.kind is EvidenceKind.DOSSIER_SUBMISSION
    ):
        raise EvidenceNotFound
    documents = await tools.receipts.list_documents(payment_intent_id)
    return make_bundle(
        {**_confirmation_files(kept), **_request_files(kept), **_receipt_files(documents)},
        payment_intent_id=payment_intent_id,
        made_at=tools.clock.now(),
        sign=tools.signer.sign,
    )


async def _agency(payment_intent_id: UUID, reach: Reach, payments: Payments) -> str | None:
    """Who is paid, if that matters: what was recorded says it in the words of the client only."""
    if reach.agencies is None:
        return None
    try:
        return (await payments.get_fee(payment_intent_id)).payee.code
    except PaymentNotFound:
        return None


def _confirmation_files(kept: Sequence[Evidence]) -> dict[str, bytes]:
    for one in kept:
        if one.kind is EvidenceKind.CONFIRMATION:
            return {
                "intent.json": one.body,
                "shown.txt": (one.shown_text or "").encode(),
                "confirmation.json": canonical_json(dict(one.record)),
            }
    return {}


def _request_files(kept: Sequence[Evidence]) -> dict[str, bytes]:
    requests = [one for one in kept if one.kind is not EvidenceKind.CONFIRMATION]
    files: dict[str, bytes] = {}
    for number, one in enumerate(requests, start=1):
        folder = f"requests/{number}-{one.kind}"
        files[f"{folder}/record.json"] = canonical_json(dict(one.record))
        files[f"{folder}/body.bin"] = one.body
        files[f"{folder}/signature-base.txt"] = one.signature_base or b""
    return files


def _receipt_files(documents: Sequence[ReceiptDocuments]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for one in documents:
        files[f"receipts/{one.name}.xml"] = one.xml
        files[f"receipts/{one.name}.pdf"] = one.pdf
    return files
