import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from chassis.clock import Clock
from chassis.duties import Reach
from gateway.domain.confirming.errors import PaymentNotFound
from gateway.domain.evidence.bundle import (
    CHECKPOINT_STAMP,
    FILES_STAMP,
    AuditPart,
    Stamped,
    Stated,
    make_bundle,
    stamped_bytes,
)
from gateway.domain.evidence.errors import EvidenceNotFound, TimeStampUnavailable
from gateway.domain.evidence.parts import (
    UsedKey,
    audit_files,
    evidence_files,
    key_file,
    key_ids,
    missing_parts,
    named,
)
from gateway.domain.evidence.record import Evidence, EvidenceKind
from gateway.ports.confirming import Payments
from gateway.ports.evidence import BundleSigner, ReceiptDocuments, Receipts, TimeStamps
from gateway.ports.unit_of_work import UnitOfWork
from gateway.use_cases.evidence.gather_audit import AuditMaterial, gather_audit

LOOK_AGAIN_SECONDS: Final = 0.25
HISTORY_MAX: Final = 50
# Whoever signed one of these asked for the fee, and may have its proof.
ASKED_BY: Final = frozenset({EvidenceKind.DOSSIER_SUBMISSION, EvidenceKind.BILLER_REQUEST})
Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportTools:
    """`wait_seconds`: how long records that have no place in the audit log yet are waited for."""

    payments: Payments
    receipts: Receipts
    signer: BundleSigner
    time_stamps: TimeStamps | None
    clock: Clock
    wait_seconds: float = 0.0
    pause: Pause = asyncio.sleep


async def export_evidence(
    payment_intent_id: UUID, *, reach: Reach, uow: UnitOfWork, tools: ExportTools
) -> bytes:
    """Everything that proves one fee, for the client that asked for it, for those who
    answer for the agency that is paid, and for nobody else."""
    async with uow:
        kept = await uow.evidence.list_of_payment(payment_intent_id)
    agency = await _agency(payment_intent_id, reach, tools.payments) if kept else None
    if not any(
        reach.covers(client_id=one.client_id, agency_code=agency)
        for one in kept
        if one.kind in ASKED_BY
    ):
        raise EvidenceNotFound
    documents = await tools.receipts.list_documents(payment_intent_id)
    names = named(kept)
    files = {
        **evidence_files(names),
        **await _key_files(kept, uow),
        **_receipt_files(documents),
    }
    audit = await _wait_for_audit([one.id for one in names.values()], uow=uow, tools=tools)
    if audit is not None:
        files |= audit_files(names, audit.proofs)
    stamped = await _add_stamp(files, audit, payment_intent_id=payment_intent_id, tools=tools)
    stated = Stated(
        payment_intent_id=payment_intent_id,
        made_at=tools.clock.now(),
        audit=AuditPart.PENDING if audit is None else AuditPart.INCLUDED,
        time_stamp=stamped,
        missing=missing_parts(kept, receipted=bool(documents)),
    )
    return make_bundle(files, stated, sign=tools.signer.sign)


async def _agency(payment_intent_id: UUID, reach: Reach, payments: Payments) -> str | None:
    """Who is paid, if that matters: what was recorded says it in the words of the client only."""
    if reach.agencies is None:
        return None
    try:
        return (await payments.get_fee(payment_intent_id)).payee.code
    except PaymentNotFound:
        return None


async def _key_files(kept: Sequence[Evidence], uow: UnitOfWork) -> dict[str, bytes]:
    files = {}
    async with uow:
        for key_id in key_ids(kept):
            found = await uow.clients.find_key(key_id)
            if found is not None:
                history = await uow.key_history.list_of(key_id, limit=HISTORY_MAX)
                name, content = key_file(UsedKey(key=found.key, history=history))
                files[name] = content
    return files


async def _wait_for_audit(
    evidence_ids: Sequence[UUID], *, uow: UnitOfWork, tools: ExportTools
) -> AuditMaterial | None:
    for _ in range(int(tools.wait_seconds / LOOK_AGAIN_SECONDS)):
        if (found := await gather_audit(evidence_ids, uow=uow)) is not None:
            return found
        await tools.pause(LOOK_AGAIN_SECONDS)
    return await gather_audit(evidence_ids, uow=uow)


async def _add_stamp(
    files: dict[str, bytes],
    audit: AuditMaterial | None,
    *,
    payment_intent_id: UUID,
    tools: ExportTools,
) -> Stamped:
    """The checkpoint's, once it has one; until then one over the files, if we can have it."""
    if audit is not None and audit.stamp is not None:
        files[CHECKPOINT_STAMP] = audit.stamp.token
        return Stamped.CHECKPOINT
    if tools.time_stamps is None:
        return Stamped.NONE
    content = stamped_bytes(files, payment_intent_id=payment_intent_id)
    try:
        files[FILES_STAMP] = (await tools.time_stamps.stamp(content)).token
    except TimeStampUnavailable:
        return Stamped.NONE
    return Stamped.FILES


def _receipt_files(documents: Sequence[ReceiptDocuments]) -> Mapping[str, bytes]:
    files: dict[str, bytes] = {}
    for one in documents:
        files[f"receipts/{one.name}.xml"] = one.xml
        files[f"receipts/{one.name}.pdf"] = one.pdf
    return files
