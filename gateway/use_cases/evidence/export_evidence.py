from collections.abc import Sequence
from uuid import UUID

from chassis.canonical import canonical_json
from chassis.clock import Clock
from gateway.domain.evidence.bundle import make_bundle
from gateway.domain.evidence.errors import EvidenceNotFound
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.ports.evidence import BundleSigner, ReceiptDocuments, Receipts
from gateway.ports.unit_of_work import UnitOfWork


async def export_evidence(
    payment_intent_id: UUID,
    *,
    client_id: str,
    uow: UnitOfWork,
    receipts: Receipts,
    signer: BundleSigner,
    clock: Clock,
) -> bytes:
    """Everything that proves one fee, for the client that submitted its dossier and nobody else."""
    async with uow:
        kept = await uow.evidence.list_of_payment(payment_intent_id)
    if not any(
        one.kind is EvidenceKind.DOSSIER_SUBMISSION and one.client_id == client_id for one in kept
    ):
        raise EvidenceNotFound
    documents = await receipts.list_documents(payment_intent_id)
    return make_bundle(
        {**_confirmation_files(kept), **_request_files(kept), **_receipt_files(documents)},
        payment_intent_id=payment_intent_id,
        made_at=clock.now(),
        sign=signer.sign,
    )


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
