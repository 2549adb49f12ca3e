"""Second half of issuing: sign outside every lock, then store, then announce."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from chassis.canonical import sha256_hex
from chassis.clock import Clock
from chassis.errors import Refused, Unavailable
from chassis.ports import SealingPort
from services.receipt.domain.events import announcement_of
from services.receipt.domain.receipts.fee import PAYER_PURPOSE, Payer
from services.receipt.domain.receipts.receipt import Document, Form, Receipt, Status
from services.receipt.ports.signing import XmlSigner
from services.receipt.ports.unit_of_work import UnitOfWork

# A token or a remote authority takes several at a time; a key in a file does not wait at all.
SIGNED_AT_ONCE_MAX: Final = 8
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """What became of them. Nothing behind a receipt that the signer did not take is issued, so
    that the rest can follow in order; `refused` are those that nobody could sign as they are, and
    `failed` those that met a mistake of ours: one receipt's mistake stops no other."""

    issued: Sequence[Receipt] = ()
    refused: Sequence[tuple[Receipt, Refused]] = ()
    failed: Sequence[tuple[Receipt, Exception]] = ()
    stopped: Unavailable | None = None


async def sign_receipts(
    receipts: Sequence[Receipt],
    *,
    uow: UnitOfWork,
    signer: XmlSigner,
    seals: SealingPort,
    clock: Clock,
) -> Signing:
    """Issue those that are still only numbered. Running twice, or beside another, is harmless:
    whoever stores first has issued the receipt, and the other's bytes are dropped."""
    turn = asyncio.Semaphore(SIGNED_AT_ONCE_MAX)

    async def sign(receipt: Receipt) -> tuple[Receipt, Document] | Exception:
        try:
            async with turn:
                payer = Payer.of(seals.unseal(receipt.payer_sealed, purpose=PAYER_PURPOSE))
                at = clock.now()
                xml = await signer.sign(receipt, payer, at=at)
        except Refused as refused:
            return refused
        except Exception as error:
            # A mistake is told with all that is known of it, and never taken for a refusal.
            log.exception("signing a receipt failed", receipt_id=str(receipt.id))
            return error
        digest = sha256_hex(xml)
        document = Document(receipt_id=receipt.id, form=Form.XML, body=xml, sha256=digest)
        return receipt.issue(at=at, xml_sha256=digest), document

    numbered = [one for one in receipts if one.status is Status.NUMBERED]
    results = await asyncio.gather(*(sign(one) for one in numbered))
    stopped = next((one for one in results if isinstance(one, Unavailable)), None)
    taken = results.index(stopped) if stopped else len(results)
    paired = list(zip(numbered[:taken], results[:taken], strict=True))
    return Signing(
        issued=await _issue([one for one in results[:taken] if isinstance(one, tuple)], uow),
        refused=[(of, one) for of, one in paired if isinstance(one, Refused)],
        failed=[
            (of, one)
            for of, one in paired
            if isinstance(one, Exception) and not isinstance(one, Refused)
        ],
        stopped=stopped,
    )


def log_refused(signing: Signing) -> None:
    for receipt, refused in signing.refused:
        log.error("receipt not signed", receipt_id=str(receipt.id), code=refused.code)


async def _issue(signed: Sequence[tuple[Receipt, Document]], uow: UnitOfWork) -> Sequence[Receipt]:
    if not signed:
        return []
    async with uow:
        new = await uow.documents.add_new([document for _, document in signed])
        issued = [one for one, _ in signed if one.id in new]
        await uow.receipts.save_issued(issued)
        await uow.outbox.add_all([(announcement_of(one), str(one.id)) for one in issued])
    return issued
